#!/bin/sh
# Compile the wheels that no index has for this machine: ours, and systemd-python's.
#   deploy/compile.sh DIR [MACHINE]   DIR/build holds the pinned tools and the source; the wheels go into DIR, the
#                                     kernels as the linker took them, with their names, into DIR/objects.
# Needs no network: a root of another release runs it as well as this machine. For another architecture it needs a cross
# compiler, and Python's and systemd's files for that architecture beside its own, where Debian puts them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
wheels=$(cd "$1" && pwd)
machine=${2:-$(uname -m)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/source"
(cd "$here/.." && cp -r pyproject.toml setup.py README.md LICENSE daemon native "$work/source")
# What an editable install left here belongs to another interpreter.
find "$work/source" \( -name '*.so' -o -name __pycache__ -o -name '*.egg-info' \) -exec rm -rf {} +

python3 -m venv "$work/venv"
pip="$work/venv/bin/pip --quiet --disable-pip-version-check --isolated"
$pip install --upgrade --no-index --find-links "$wheels/build" setuptools cython
if [ "$machine" != "$(uname -m)" ]; then
    # Python compiles as the other one was compiled.
    export _PYTHON_HOST_PLATFORM="linux-$machine" _PYTHON_SYSCONFIGDATA_NAME="_sysconfigdata__$machine-linux-gnu"
    export PKG_CONFIG_LIBDIR="/usr/lib/$machine-linux-gnu/pkgconfig:/usr/share/pkgconfig"
fi
$pip wheel --no-index --no-deps --no-build-isolation --wheel-dir "$wheels" "$wheels"/build/systemd*.tar.gz
$pip wheel --no-index --no-deps --no-build-isolation --wheel-dir "$wheels" "$work/source"
mkdir -p "$wheels/objects"
find "$work/source/build" -name '*.o' -exec cp -t "$wheels/objects" {} +
