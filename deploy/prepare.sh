#!/bin/sh
# Install the Debian packages that a build needs and that are missing; more may be named as arguments.
# Asks for root's rights only where something is missing.
set -eu

missing=''
for package in gcc libc6-dev libsystemd-dev pkg-config python3 python3-dev python3-venv "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed \
        || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null || {
    echo "prepare.sh: missing:$missing; this is no Debian, please install their like" >&2
    exit 1
}
run=''
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "prepare.sh: missing:$missing; run this as root, or install sudo" >&2
        exit 1
    }
    run=sudo
fi
echo "installing$missing"
# An index of last month names packages that are gone: renew it first.
$run apt-get update -qq
$run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
