#!/bin/sh
# Install emotiond as a service, upgrade it in place, or remove it. Never asks.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
home=/opt/emotiond
etc=/etc/emotiond
units=/usr/lib/systemd/system

usage() {
    cat <<'END'
usage: install.sh [--camera SOURCE] [--broker URL] [--password-file F] [--with-broker] [--wheels DIR]
       install.sh --uninstall | --purge

  --camera SOURCE     0, /dev/video0, rtsp://…, http://…            (first installation only)
  --broker URL        mqtt://HOST or mqtts://USER@HOST:PORT         (first installation only)
  --password-file F   the broker's password; kept where only root can read it
  --with-broker       install mosquitto here as well
  --wheels DIR        a folder that deploy/wheels.sh has filled: needs no network
  --uninstall         remove the service; the configuration and the state stay
  --purge             leave nothing behind
END
}

fail() {
    echo "install.sh: $1" >&2
    exit "${2:-1}"
}

systemd_runs() { [ -d /run/systemd/system ]; }

# Debian packages: $1 is what must be there, the rest brings it.
need() {
    what=$1
    shift
    command -v apt-get >/dev/null || fail "$what is missing; please install it"
    echo "installing $*"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } \
        >/dev/null || fail "$what is missing, and apt-get cannot install $*"
}

prepare_system() {
    python3 -c 'import ensurepip, venv' 2>/dev/null || need "Python's venv" python3 python3-venv
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail 'Python 3.11 or later is needed'
    [ -x /bin/kill ] || need /bin/kill procps
    [ -z "$with_broker" ] || command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] \
        || need mosquitto mosquitto mosquitto-clients
    [ -z "$with_broker" ] || ! systemd_runs || systemctl enable --quiet --now mosquitto
}

# Each version has a folder of its own, so that the one before stays whole until this one has shown that it works.
build() {
    version=$(sed -n 's/^emotiond==\([^ ]*\) .*/\1/p' "$wheels/requirements.txt")
    name=$version-$(sha256sum "$wheels/requirements.txt" | cut -c1-8)
    venv=$home/$name
    if [ ! -e "$venv/share/whole" ]; then
        rm -rf "$venv"
        mkdir -p "$home"
        python3 -m venv "$venv"
        "$venv/bin/pip" --quiet --isolated --disable-pip-version-check install --no-index --find-links "$wheels" \
            --require-hashes --requirement "$wheels/requirements.txt" || {
            rm -rf "$venv"
            fail "the wheels in $wheels cannot be installed"
        }
        mkdir -p "$venv/share"
    fi
    for file in emotiond.service emotiond.sysusers emotiond.modules emotiond.toml install.sh configure.py delay.sh; do
        install -m 644 "$here/$file" "$venv/share/$file"
    done
    touch "$venv/share/whole"
}

configure() {
    install -D -m 644 "$here/emotiond.sysusers" /usr/lib/sysusers.d/emotiond.conf
    systemd-sysusers /usr/lib/sysusers.d/emotiond.conf
    install -d -m 755 "$etc"
    # An address of a camera may hold a password.
    install -m 640 -g emotiond "$here/emotiond.toml" "$etc/emotiond.toml.default"
    if [ -e "$etc/emotiond.toml" ]; then
        [ -z "$camera$broker" ] || echo "$etc/emotiond.toml is kept; --camera and --broker are for a first installation"
    else
        install -m 640 -g emotiond /dev/null "$etc/emotiond.toml.new"
        "$venv/bin/python" "$here/configure.py" --template "$here/emotiond.toml" ${camera:+--camera "$camera"} \
            ${broker:+--broker "$broker"} "$etc/emotiond.toml.new" || {
            rm "$etc/emotiond.toml.new"
            exit 2
        }
        mv "$etc/emotiond.toml.new" "$etc/emotiond.toml"
    fi
    [ -z "$password_file" ] || install -m 600 "$password_file" "$etc/mqtt-password"
    # Before the running version is touched: what this one cannot read must not stop it.
    "$venv/bin/emotiond" check --config "$etc/emotiond.toml" || fail 'nothing was changed' 2
}

# Make version $1 the one that runs; fails where it does not get READY.
activate() {
    share=$home/$1/share
    install -D -m 644 "$share/emotiond.service" "$units/emotiond.service"
    install -D -m 644 "$share/emotiond.modules" /etc/modules-load.d/emotiond.conf
    ln -sfn "$1" "$home/current.new"
    mv -T "$home/current.new" "$home/current"
    ln -sfn "$home/current/bin/emotiond" /usr/bin/emotiond
    growing_delay
    if ! systemd_runs; then
        systemctl enable --quiet emotiond
        echo 'systemd does not run here: emotiond will start with the machine'
        return 0
    fi
    modprobe --quiet videodev 2>/dev/null || true
    systemctl daemon-reload
    systemctl enable --quiet emotiond
    systemctl restart emotiond
}

# systemd knows growing delays from version 254 on, and complains about them before. A reload that waits until the new
# configuration is in force it knows from 253 on.
growing_delay() {
    rm -rf "$units/emotiond.service.d"
    mkdir -p "$units/emotiond.service.d"
    if [ "$(systemctl --version | sed -n '1s/[^0-9]*\([0-9]*\).*/\1/p')" -ge 254 ]; then
        printf '[Service]\nRestartSteps=6\nRestartMaxDelaySec=65\nType=notify-reload\nExecReload=\n'
    else
        echo '[Service]'
        echo 'RuntimeDirectoryPreserve=restart'
        echo "ExecStartPre=-/bin/sh $home/current/share/delay.sh wait"
        echo "ExecStopPost=-/bin/sh $home/current/share/delay.sh count"
    fi >"$units/emotiond.service.d/delay.conf"
}

install_all() {
    prepare_system
    if [ -z "$wheels" ]; then
        wheels=$(mktemp -d)
        trap 'rm -rf "$wheels"' EXIT
        sh "$here/wheels.sh" "$wheels"
    fi
    [ -f "$wheels/requirements.txt" ] || fail "$wheels: not a folder that deploy/wheels.sh has filled" 2
    previous=$(readlink "$home/current" || true)
    build
    configure
    if ! activate "$name"; then
        systemctl status --no-pager --lines=20 emotiond >&2 || true
        if [ -n "$previous" ] && [ "$previous" != "$name" ] && [ -d "$home/$previous" ]; then
            activate "$previous" && fail "emotiond $name does not start; back to $previous, which runs"
            fail "emotiond $name does not start, and $previous does not either"
        fi
        fail "emotiond $name does not start; mend $etc/emotiond.toml, then: systemctl restart emotiond"
    fi
    # One version to go back to is enough.
    for old in "$home"/*/; do
        old=$(basename "$old")
        case $old in current | "$name" | "$previous") ;; *) rm -rf "${home:?}/$old" ;; esac
    done
    echo "emotiond $version is installed; to see what it publishes:"
    "$venv/bin/python" "$here/configure.py" "$etc/emotiond.toml"
}

uninstall() {
    if systemd_runs; then
        systemctl disable --quiet --now emotiond 2>/dev/null || true
    fi
    rm -f /etc/systemd/system/multi-user.target.wants/emotiond.service
    rm -rf "$units/emotiond.service" "$units/emotiond.service.d" /etc/systemd/system/emotiond.service.d
    rm -f /etc/modules-load.d/emotiond.conf /usr/bin/emotiond
    rm -rf "$home"
    ! systemd_runs || { systemctl daemon-reload && systemctl reset-failed emotiond 2>/dev/null; } || true
}

purge() {
    uninstall
    rm -rf "$etc" /var/lib/emotiond /usr/lib/sysusers.d/emotiond.conf
    ! getent passwd emotiond >/dev/null || userdel emotiond
    ! getent group emotiond >/dev/null || groupdel emotiond
}

action=install_all camera='' broker='' password_file='' with_broker='' wheels=''
[ ! -d "$here/wheels" ] || wheels=$here/wheels
while [ $# -gt 0 ]; do
    case $1 in
    --camera | --broker | --password-file | --wheels) [ $# -gt 1 ] || fail "$1 needs a value" 2 ;;
    esac
    case $1 in
    --camera) camera=$2 && shift ;;
    --broker) broker=$2 && shift ;;
    --password-file) password_file=$2 && shift ;;
    --wheels) wheels=$2 && shift ;;
    --with-broker) with_broker=yes ;;
    --uninstall) action=uninstall ;;
    --purge) action=purge ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && fail "$1: unknown option" 2 ;;
    esac
    shift
done
[ "$(id -u)" -eq 0 ] || fail 'root is needed: sudo ./deploy/install.sh …'
[ -z "$password_file" ] || [ -r "$password_file" ] || fail "$password_file: cannot be read" 2
umask 022
"$action"
