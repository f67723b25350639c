#!/bin/sh
# Clean roots of other releases and architectures, kept in $EMOTIOND_CACHE.
#   deploy/root.sh test RELEASE [ARCH]               make a root as a new user has it; print where it lies
#   deploy/root.sh build RELEASE ARCH COMMAND DIR    run COMMAND DIR from this checkout in a root with a compiler
# Needs root and debootstrap; the first time for each root also the network.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
cache=${EMOTIOND_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/emotiond}
kind=$1 release=$2 arch=${3:-amd64}
[ $# -lt 3 ] && shift 2 || shift 3

system=systemd,systemd-sysv,dbus,kmod,procps,ca-certificates,mosquitto,mosquitto-clients
case $kind in
test) packages=$system,python3,python3-venv ;;
build) packages=ca-certificates,gcc,libc6-dev,libsystemd-dev,pkg-config,python3,python3-dev,python3-venv ;;
*) echo "root.sh: $kind: must be test or build" >&2 && exit 2 ;;
esac

root=$cache/$kind-$release-$arch
if [ ! -e "$root/whole" ]; then
    rm -rf "$root"
    mkdir -p "$cache"
    command -v debootstrap >/dev/null || sh "$here/deploy/prepare.sh" debootstrap >&2
    debootstrap --variant=minbase --arch="$arch" --include="$packages" "$release" "$root" >"$root.log" 2>&1 || {
        tail -n 20 "$root.log" >&2
        exit 1
    }
    rm -rf "$root"/var/cache/apt/archives/*.deb
    # Debian's installer writes it, debootstrap does not.
    printf '127.0.0.1\tlocalhost\n' >"$root/etc/hosts"
    touch "$root/whole"
fi
[ $# -gt 0 ] || { echo "$root" && exit 0; }

# The last argument is the folder; both mounts are gone with the namespace.
for folder in "$@"; do :; done
mkdir -p "$root/checkout" "$root/folder"
unshare --mount --propagation private sh -eu -c '
    root=$1 checkout=$2 folder=$3
    shift 3
    mount --bind "$checkout" "$root/checkout"
    mount --bind "$folder" "$root/folder"
    mount -t proc proc "$root/proc"
    cd "$root/checkout"
    exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 sh -c "cd /checkout && exec \"\$@\"" - "$@"
' - "$root" "$here" "$folder" "$1" "$2" /folder
