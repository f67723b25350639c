#!/bin/sh
# Clean roots of other releases and architectures, kept in $EMOTIOND_CACHE.
#   deploy/root.sh test RELEASE [ARCH]               make a root as a new user has it; print where it lies
#   deploy/root.sh build RELEASE ARCH DIR COMMAND…   run COMMAND in this checkout, with DIR as /folder, where it can
#                                                    compile for ARCH
# Needs root and mmdebstrap; the first time for each root also the network. A test root of another architecture is
# unpacked and not set up: nothing of it runs here. A build root is always of this machine's architecture, with a cross
# compiler where ARCH differs.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
cache=${EMOTIOND_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/emotiond}
native=$(dpkg --print-architecture)
kind=$1 release=$2 arch=${3:-$native}
[ $# -lt 3 ] && shift 2 || shift 3

case $arch in
amd64) machine=x86_64 ;;
arm64) machine=aarch64 ;;
*) echo "root.sh: $arch: must be amd64 or arm64" >&2 && exit 2 ;;
esac
packages=python3,python3-venv
architectures=$arch variant=minbase essential=
case $kind in
test)
    packages=$packages,systemd,procps
    if [ "$arch" = "$native" ]; then
        packages=$packages,systemd-sysv,dbus,kmod,ca-certificates,mosquitto,mosquitto-clients
    else
        packages=$packages,libstdc++6,passwd variant=extract
        # No part of that variant; any other one would take it from every architecture.
        essential='?essential'
    fi
    ;;
build)
    packages=$packages,gcc,libc6-dev,libsystemd-dev,pkg-config,python3-dev
    if [ "$arch" != "$native" ]; then
        # Ubuntu keeps each architecture on a server of its own.
        [ "$release" != noble ] || { echo "root.sh: what is for noble on $arch must be built on $arch" >&2 && exit 2; }
        packages=$packages,gcc-$(echo "$machine" | tr _ -)-linux-gnu,libpython3-dev:$arch,libsystemd-dev:$arch
        architectures=$native,$arch
    fi
    ;;
*) echo "root.sh: $kind: must be test or build" >&2 && exit 2 ;;
esac

# Ubuntu keeps python3-venv and mosquitto there.
[ "$release" = noble ] && components=main,universe || components=main

root=$cache/$kind-$release-$arch
if [ ! -e "$root/whole" ]; then
    [ "$(id -u)" -eq 0 ] || { echo "root.sh: root is needed to make $root" >&2 && exit 1; }
    rm -rf "$root"
    mkdir -p "$cache"
    command -v mmdebstrap >/dev/null || sh "$here/deploy/prepare.sh" mmdebstrap >&2
    # Where nothing runs, nothing merges /usr either.
    mmdebstrap --mode=root --variant="$variant" ${essential:+--include="$essential"} --include="$packages" \
        --components="$components" --architectures="$architectures" --skip=check/qemu \
        --setup-hook='cd "$1" && mkdir -p usr/bin usr/sbin usr/lib && ln -s usr/bin usr/sbin usr/lib .' \
        "$release" "$root" >"$root.log" 2>&1 || {
        tail -n 20 "$root.log" >&2
        exit 1
    }
    if [ "$variant" = extract ]; then
        # What the scripts of base-passwd and ca-certificates would have done; without the latter no pip starts.
        for file in passwd group; do cp "$root/usr/share/base-passwd/$file.master" "$root/etc/$file"; done
        cat "$root"/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt"
    fi
    # Debian's installer writes it, mmdebstrap does not.
    printf '127.0.0.1\tlocalhost\n' >"$root/etc/hosts"
    touch "$root/whole"
fi
[ $# -gt 0 ] || { echo "$root" && exit 0; }

# All mounts are gone with the namespace.
folder=$1
shift
mkdir -p "$root/checkout" "$root/folder"
unshare --mount --propagation private sh -eu -c '
    root=$1 checkout=$2 folder=$3
    shift 3
    mount --bind "$checkout" "$root/checkout"
    mount --bind "$folder" "$root/folder"
    mount -t proc proc "$root/proc"
    exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 sh -c "cd /checkout && exec \"\$@\"" - "$@"
' - "$root" "$here" "$folder" "$@"
