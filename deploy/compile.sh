#!/bin/sh
# Compile the wheels that no index has for this machine: ours, and systemd-python's.
#   deploy/compile.sh DIR     DIR/build holds the pinned tools and the source; the wheels go into DIR.
# Needs no network: a root of another release or architecture runs it as well as this machine.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
wheels=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/source"
(cd "$here/.." && cp -r pyproject.toml setup.py README.md LICENSE daemon native "$work/source")
# What an editable install left here belongs to another interpreter.
find "$work/source" \( -name '*.so' -o -name __pycache__ -o -name '*.egg-info' \) -exec rm -rf {} +

python3 -m venv "$work/venv"
pip="$work/venv/bin/pip --quiet --disable-pip-version-check --isolated"
$pip install --upgrade --no-index --find-links "$wheels/build" setuptools cython
$pip wheel --no-index --no-deps --no-build-isolation --wheel-dir "$wheels" "$wheels"/build/systemd*.tar.gz
$pip wheel --no-index --no-deps --no-build-isolation --wheel-dir "$wheels" "$work/source"
