#!/bin/sh
# Builds a root of Debian trixie with Home Assistant in it, once: prepare.sh ROOT VERSION. Needs root's rights, and about
# 3 GB; a second run with the same version ends at once.
set -eu

root=$1
version=$2
[ -e "$root/.ready-$version" ] && exit 0

sh "$(dirname "$0")/../../deploy/prepare.sh" debootstrap
mkdir -p "$root"
if [ ! -e "$root/.debian" ]; then
    # The mirror that this machine uses itself.
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1)
    debootstrap --variant=minbase \
        --include=python3,python3-venv,python3-dev,g++,make,libffi-dev,libssl-dev,ca-certificates,tzdata \
        trixie "$root" "$mirror"
    touch "$root/.debian"
fi
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
unshare --mount sh -eu -c '
    mount --bind /proc "$1/proc"
    mount --bind /dev "$1/dev"
    chroot "$1" python3 -m venv /srv/ha
    chroot "$1" /srv/ha/bin/pip install --quiet uv "homeassistant==$2"
' sh "$root" "$version"
rm -f "$root"/.ready-*
touch "$root/.ready-$version"
