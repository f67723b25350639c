"""The broker, step by step: name, TCP, TLS, login, publish, receive."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from dataclasses import replace
from typing import Final

from emotiond import delivery
from emotiond.config import Config
from emotiond.doctor.finding import Finding, failure, ok, warning
from emotiond.doctor.patient import Patient
from emotiond.doctor.visit import Visit
from emotiond.mqtt.attempt import Broker
from emotiond.mqtt.login import PublisherError
from emotiond.mqtt.publisher import Publisher

SECONDS: Final = 5.0
#: Where the installer puts the broker's password; systemd hands it to the service, and to nobody else.
ETC: Final = "etc/emotiond"


def examine(patient: Patient) -> list[Finding]:
    """Go as far as it goes."""
    if patient.config is None:
        return []
    config, broker = patient.config, _broker(patient, patient.config)
    where = f"{broker.host}:{broker.port}"
    try:
        context = broker.login.context()
        broker.login.password()
    except PublisherError as error:
        return [failure("broker", str(error), _file_remedy(patient, str(error)))]
    found = _reached(patient, config, where, context)
    return [found or _visited(patient, config, broker, where)]


def _broker(patient: Patient, config: Config) -> Broker:
    broker = delivery.broker(config)
    login = broker.login
    if login.credentials_directory is None:
        login = replace(login, credentials_directory=str(patient.root / ETC))
    # A client id of its own and no last will: the daemon must not be thrown out, nor be said to be offline.
    return replace(broker, client_id=f"{broker.client_id}-doctor", availability="", login=login)


def _reached(patient: Patient, config: Config, where: str, context: ssl.SSLContext | None) -> Finding | None:
    """Say why the broker cannot be reached; None where it can."""
    host, port = config.mqtt.host, config.mqtt.port
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is no name"
        return failure("broker", f"name: {host}: {why}", f"{patient.edit('[mqtt] host')}, or try: ping {host}")
    try:
        plain = socket.create_connection((host, port), SECONDS)
    except OSError as error:
        start = "sudo systemctl start mosquitto" if _here(host) else f"ping {host}"
        return failure("broker", f"TCP: {where}: {error.strerror or 'no answer'}", f"is it running? {start}")
    with plain:
        return _trusted(patient, plain, where, context) if context else None


def _trusted(patient: Patient, plain: socket.socket, where: str, context: ssl.SSLContext) -> Finding | None:
    """Say why no TLS comes about; None where it does."""
    try:
        with context.wrap_socket(plain, server_hostname=where.rpartition(":")[0]):
            return None
    except ssl.SSLCertVerificationError as error:
        return failure("broker", f"TLS: {where}: {error.verify_message}", _certificate_remedy(patient, error))
    except OSError as error:
        why = (error.reason if isinstance(error, ssl.SSLError) else error.strerror) or str(error)
        what = f"TLS: {where}: {why}; does the broker speak TLS there?"
        return failure("broker", what, patient.edit("[mqtt] port = 8883, or tls = false,"))


def _visited(patient: Patient, config: Config, broker: Broker, where: str) -> Finding:
    steps = "name, TCP, TLS, login" if config.mqtt.tls else "name, TCP, login"
    step, why = Visit(Publisher(broker), delivery.topics(config)).run()
    if not step:
        return ok("broker", f"{where}: {steps}, publish, receive")
    what = f"{step}: {where}: {why}"
    if step == "login" and ("uthori" in why or "password" in why.lower()):
        return failure("broker", what, _password_remedy(patient, config))
    if step == "login":
        return failure("broker", what, f"{patient.edit('[mqtt] port and tls')}; is it an MQTT broker?")
    user = config.mqtt.username or "this device"
    topic = f"{delivery.topics(config).root}/#"
    if step == "publish":
        return failure("broker", what, f"let {user} write {topic} in the broker's access list, examples/mosquitto-acl")
    return warning("broker", what, f"let {user} read {topic} in the broker's access list, examples/mosquitto-acl")


def _password_remedy(patient: Patient, config: Config) -> str:
    if not config.mqtt.username:
        return patient.edit("[mqtt] username")
    file = config.mqtt.password_file or f"/{ETC}/{config.mqtt.password_credential}"
    return f"write the right password, and restart: sudo nano {file} && sudo systemctl restart emotiond"


def _file_remedy(patient: Patient, error: str) -> str:
    if "Permission denied" in error:
        return "ask with more rights: sudo emotiond doctor"
    return patient.edit(error.partition(":")[0])


def _certificate_remedy(patient: Patient, error: ssl.SSLCertVerificationError) -> str:
    message = error.verify_message.lower()
    if "expired" in message or "not yet valid" in message:
        return "renew the broker's certificate; is this machine's clock right? date"
    if "mismatch" in message or "not valid for" in message:
        return patient.edit("[mqtt] host to a name that stands in the certificate,")
    return patient.edit("[mqtt] ca_file to the certificate of the broker's authority,")


def _here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
