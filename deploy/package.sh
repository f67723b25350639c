#!/bin/sh
# Build emotiond_<version>~<release>_<arch>.deb: the installer and its pinned wheels in Debian's clothes.
#   deploy/package.sh WHEELS RELEASE ARCH DIR      prints the package's path
set -eu
here=$(cd "$(dirname "$0")" && pwd)
wheels=$1 release=$2 arch=$3 out=$4
case $release in
bookworm) tag=deb12 python='python3 (>= 3.11), python3 (<< 3.12)' ;;
trixie) tag=deb13 python='python3 (>= 3.13), python3 (<< 3.14)' ;;
noble) tag=ubuntu24.04 python='python3 (>= 3.12), python3 (<< 3.13)' ;;
*) echo "package.sh: $release: unknown release; there are bookworm, trixie and noble" >&2 && exit 2 ;;
esac
version=$(sed -n 's/^emotiond==\([^ ]*\) .*/\1/p' "$wheels/requirements.txt")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
share=$work/usr/share/emotiond
docs=$work/usr/share/doc/emotiond
install -d -m 755 "$work" "$share/wheels" "$docs" "$work/DEBIAN"
install -m 755 "$here/install.sh" "$share"
for file in configure.py delay.sh emotiond.service emotiond.sysusers emotiond.modules emotiond.toml; do
    install -m 644 "$here/$file" "$share"
done
install -m 644 "$wheels"/*.whl "$wheels/requirements.txt" "$share/wheels"
install -m 644 "$here/../LICENSE" "$docs/copyright"

cat >"$work/DEBIAN/control" <<END
Package: emotiond
Version: $version~$tag
Architecture: $arch
Maintainer: The emotiond authors <emotiond@localhost>
Installed-Size: $(du -sk "$work" | cut -f1)
Depends: $python, python3-venv, libsystemd0, libstdc++6, procps, systemd (>= 252), passwd
Suggests: mosquitto, mosquitto-clients
Section: misc
Priority: optional
Description: reads the expressions of a room and publishes them over MQTT
 A service that reads cameras, finds every face, reads its expression with a
 TFLite network on the CPU and publishes what changes over MQTT.
END
cat >"$work/DEBIAN/postinst" <<'END'
#!/bin/sh
set -e
[ "$1" != configure ] || sh /usr/share/emotiond/install.sh
END
cat >"$work/DEBIAN/prerm" <<'END'
#!/bin/sh
set -e
[ "$1" != remove ] || sh /usr/share/emotiond/install.sh --uninstall
END
cat >"$work/DEBIAN/postrm" <<'END'
#!/bin/sh
set -e
[ "$1" = purge ] || exit 0
rm -rf /etc/emotiond /var/lib/emotiond /usr/lib/sysusers.d/emotiond.conf
! getent passwd emotiond >/dev/null || userdel emotiond
! getent group emotiond >/dev/null || groupdel emotiond
END
chmod 755 "$work/DEBIAN/postinst" "$work/DEBIAN/prerm" "$work/DEBIAN/postrm"

mkdir -p "$out"
package=$out/emotiond_$version~${tag}_$arch.deb
# Wheels are compressed already.
dpkg-deb --root-owner-group -Znone --build "$work" "$package" >/dev/null
echo "$package"
