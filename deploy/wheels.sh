#!/bin/sh
# Collect all that an appliance installs into one folder: the pinned wheels, those compiled here, their hashes.
#   deploy/wheels.sh DIR                     for this machine
#   deploy/wheels.sh DIR RELEASE [ARCH]      for another one (needs root): bookworm, trixie or noble; amd64 or arm64
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
wheels=$(cd "$1" && pwd)
release=${2:-}
arch=${3:-amd64}

# This machine may be what is asked for.
here_python=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
here_release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
case $release in
'') python=$here_python machine=$(uname -m) ;;
bookworm) python=3.11 ;;
trixie) python=3.13 ;;
noble) python=3.12 ;;
*) echo "wheels.sh: $release: unknown release; there are bookworm, trixie and noble" >&2 && exit 2 ;;
esac
case $arch in
amd64) machine=${machine:-x86_64} ;;
arm64) machine=${machine:-aarch64} ;;
*) echo "wheels.sh: $arch: unknown architecture; there are amd64 and arm64" >&2 && exit 2 ;;
esac
pins=$here/pins/python$python-$machine.txt
[ -f "$pins" ] || {
    echo "wheels.sh: nothing is pinned for Python $python on $machine; there are:" "$here"/pins/python* >&2
    exit 2
}

sh "$here/prepare.sh"
rm -rf "$wheels"/*.whl "$wheels/build" "$wheels/objects" "$wheels/requirements.txt"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
pip="$work/venv/bin/pip --quiet --disable-pip-version-check"
platforms=''
for glibc in 2014 _2_17 _2_24 _2_26 _2_27 _2_28 _2_31 _2_34; do
    platforms="$platforms --platform manylinux${glibc}_$machine"
done
$pip download --require-hashes --no-deps --only-binary :all: --python-version "$python" $platforms \
    --dest "$wheels" --requirement "$pins"
# A source is a source everywhere; looking into it would want its build tools.
grep -v '^systemd' "$here/pins/build.txt" >"$work/tools.txt"
grep '^systemd' "$here/pins/build.txt" >"$work/source.txt"
$pip download --require-hashes --no-deps --only-binary :all: --python-version "$python" $platforms --platform any \
    --dest "$wheels/build" --requirement "$work/tools.txt"
$pip install --upgrade --no-index --find-links "$wheels/build" setuptools
$pip download --require-hashes --no-deps --no-binary :all: --no-build-isolation \
    --dest "$wheels/build" --requirement "$work/source.txt"

if [ -z "$release" ] || [ "$release $python $machine" = "$here_release $here_python $(uname -m)" ]; then
    sh "$here/compile.sh" "$wheels"
else
    sh "$here/root.sh" build "$release" "$arch" "$wheels" sh deploy/compile.sh /folder "$machine"
fi
rm -rf "$wheels/build"

python3 - "$wheels" <<'END'
"""Write requirements.txt: every wheel of the folder with its version and its hash."""
import hashlib
import sys
from pathlib import Path

folder = Path(sys.argv[1])
lines = []
for wheel in sorted(folder.glob("*.whl")):
    name, version = wheel.name.split("-")[:2]
    lines.append(f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
(folder / "requirements.txt").write_text("".join(lines), encoding="utf-8")
print(f"{folder}: {len(lines)} wheels, {sum(wheel.stat().st_size for wheel in folder.glob('*.whl')) / 1e6:.0f} MB")
END
