"""The broker, step by step, against real brokers that each have one thing wrong."""

from __future__ import annotations

import socket
import threading

import pytest

from emotiond.config import Config, Mqtt
from emotiond.doctor import broker
from emotiond.doctor.finding import Level
from tests.doctor.patients import assert_told, patient
from tests.mqtt.certificates import authority, signed
from tests.mqtt.mosquitto import Mosquitto

FAILURE, WARNING = Level.FAILURE, Level.WARNING
USERS = {"box": "right"}
ACL = "user box\ntopic {} emotiond/box/#\n"


@pytest.fixture
def ask(tmp_path):
    def examine(port, **keys):
        config = Config(mqtt=Mqtt(**{"host": "127.0.0.1", "port": port, "device": "box", **keys}))
        return broker.examine(patient(tmp_path / "nowhere", config))

    return examine


@pytest.fixture
def mosquitto(tmp_path):
    brokers = []

    def start(**settings):
        brokers.append(Mosquitto(tmp_path / f"broker{len(brokers)}", **settings).start())
        return brokers[-1]

    yield start
    for running in brokers:
        running.stop()


@pytest.fixture
def password(tmp_path):
    file = tmp_path / "password"
    file.write_text("right\n")
    return file


def test_a_good_one_takes_every_step_and_keeps_nothing(ask, mosquitto, password):
    running = mosquitto(users=USERS, acl=ACL.format("readwrite"))
    (finding,) = ask(running.port, username="box", password_file=str(password))
    assert finding.level is Level.OK
    assert finding.what == f"127.0.0.1:{running.port}: name, TCP, login, publish, receive"


def test_a_wrong_password(ask, mosquitto, password):
    running = mosquitto(users=USERS)
    password.write_text("wrong\n")
    told = ask(running.port, username="box", password_file=str(password))
    assert_told(told, FAILURE, "login: ", f"sudo nano {password}")


def test_no_user_where_one_is_asked_for(ask, mosquitto):
    assert_told(ask(mosquitto(users=USERS).port), FAILURE, "login: ", "[mqtt] username")


def test_a_password_file_that_is_not_there(ask, port, tmp_path):
    told = ask(port, username="box", password_file=str(tmp_path / "none"))
    assert_told(told, FAILURE, "password_file: ", "sudo nano ")


@pytest.mark.parametrize(("rights", "level", "step"), [("read", FAILURE, "publish: "), ("write", WARNING, "receive: ")])
def test_an_access_list_that_does_not_let_us(ask, mosquitto, password, rights, level, step):
    running = mosquitto(users=USERS, acl=ACL.format(rights))
    told = ask(running.port, username="box", password_file=str(password))
    assert_told(told, level, step, "emotiond/box/#")


def test_a_name_that_nobody_knows(ask, port):
    assert_told(ask(port, host="broker.invalid"), FAILURE, "name: broker.invalid: ", "ping broker.invalid")


def test_a_port_that_nobody_listens_on(ask, port):
    assert_told(ask(port), FAILURE, f"TCP: 127.0.0.1:{port}: ", "sudo systemctl start mosquitto")


def test_a_port_where_something_else_listens(ask):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1024)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        told = ask(server.getsockname()[1], protocol="3.1.1")
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    assert_told(told, FAILURE, "login: ", "is it an MQTT broker?")


class TestTls:
    @pytest.fixture
    def files(self, tmp_path):
        return signed(tmp_path, "localhost", authority(tmp_path, "house"))

    def test_a_good_one_takes_every_step(self, ask, mosquitto, files):
        told = ask(mosquitto(tls=files).port, host="localhost", tls=True, ca_file=str(files["ca"]))
        assert [(finding.level, "TLS" in finding.what) for finding in told] == [(Level.OK, True)]

    def test_an_expired_certificate(self, ask, mosquitto, tmp_path):
        files = signed(tmp_path, "localhost", authority(tmp_path, "house"), expired=True)
        told = ask(mosquitto(tls=files).port, host="localhost", tls=True, ca_file=str(files["ca"]))
        assert_told(told, FAILURE, "certificate has expired", "date")

    def test_a_certificate_of_an_authority_that_is_not_ours(self, ask, mosquitto, files, tmp_path):
        told = ask(mosquitto(tls=files).port, host="localhost", tls=True, ca_file=str(authority(tmp_path, "other")))
        assert_told(told, FAILURE, "TLS: localhost:", "ca_file")

    def test_a_name_that_does_not_stand_in_the_certificate(self, ask, mosquitto, files):
        running = mosquitto(tls=files)
        told = ask(running.port, host="127.0.0.2", tls=True, ca_file=str(files["ca"]))
        if "TCP" in told[0].what:
            # The broker listens on one address alone: another name for it has to do.
            told = ask(running.port, host=socket.gethostname(), tls=True, ca_file=str(files["ca"]))
        if not told[0].what.startswith("TLS"):
            pytest.skip("no second name for this machine's loopback")
        assert_told(told, FAILURE, "TLS: ", "stands in the certificate")

    def test_tls_asked_of_a_broker_that_speaks_none(self, ask, mosquitto, files):
        told = ask(mosquitto().port, host="localhost", tls=True, ca_file=str(files["ca"]))
        assert_told(told, FAILURE, "does the broker speak TLS there?", "tls = false")

    def test_a_broker_that_wants_tls_and_is_asked_without(self, ask, mosquitto, files):
        told = ask(mosquitto(tls=files).port, host="localhost")
        assert_told(told, FAILURE, "login: ", "[mqtt] port and tls")

    def test_a_ca_file_that_is_none(self, ask, port, password):
        assert_told(ask(port, tls=True, ca_file=str(password)), FAILURE, "ca_file: ", "sudo nano ")
