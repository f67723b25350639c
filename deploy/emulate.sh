#!/bin/sh
# Run a command that starts programs of arm64, on a machine of another kind: qemu runs them.
#   deploy/emulate.sh COMMAND…      code 77: this machine cannot
# Needs root and qemu-user-static. The kernel hears of qemu in a user namespace alone, where everybody keeps their
# number, and forgets it with the command (Linux 6.7 or later). On arm64, or where the kernel knows qemu already, the
# command simply runs.
set -eu
binfmt=/proc/sys/fs/binfmt_misc
rule=/usr/lib/binfmt.d/qemu-aarch64.conf

cannot() {
    echo "emulate.sh: $1" >&2
    exit 77
}

if [ "${1:-}" = --inside ]; then
    shift
    mount -t proc proc /proc && mount -t binfmt_misc binfmt_misc "$binfmt" && cat "$rule" >"$binfmt/register" \
        || cannot 'the kernel takes no qemu in a namespace: Linux 6.7 or later is needed'
    # Again, since whoever gains rights forgets it.
    exec setpriv --pdeathsig KILL "$@"
fi

! { [ "$(uname -m)" = aarch64 ] || grep -qs '^flags:.*F' "$binfmt/qemu-aarch64"; } || exec "$@"
[ "$(id -u)" -eq 0 ] || cannot 'root is needed'
[ -r "$rule" ] || cannot 'qemu is missing: apt install qemu-user-static'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/numbered"
# Nobody has any rights in there before the numbers are given: wait, and start anew as root.
setpriv --pdeathsig KILL unshare --user --mount --pid --fork --kill-child \
    sh -c 'read -r _ <"$1" && shift && exec sh "$@"' - "$work/numbered" "$0" --inside "$@" <&0 &
inside=$!
until [ "$(readlink /proc/$inside/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.1; done
echo '0 0 4294967295' >"/proc/$inside/gid_map"
echo '0 0 4294967295' >"/proc/$inside/uid_map"
echo >"$work/numbered"
wait "$inside"
