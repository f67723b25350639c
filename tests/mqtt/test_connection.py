"""How the connection begins and ends: versions, passwords, certificates, access lists, doubles; each said in one line."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from emotiond.config import Config
from emotiond.demo.broker import running_broker
from emotiond.mqtt.contract import Envelope
from emotiond.mqtt.login import PublisherError
from tests.mqtt.certificates import authority, signed
from tests.mqtt.mosquitto import Mosquitto, wait_until
from tests.mqtt.newsmaker import Newsmaker
from tests.mqtt.subscriber import Subscriber
from tests.ports import free_port

#: paho leaves the socket of a failed handshake to the garbage collector.
LEFT_SOCKETS = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
USERS = {"box": "open sesame", "reader": "r"}

MakeNews = Callable[..., Newsmaker]
Configure = Callable[..., Config]
NewBroker = Callable[..., Mosquitto]


@pytest.fixture(autouse=True)
def _heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="emotiond")


def said(caplog: pytest.LogCaptureFixture, words: str) -> bool:
    return wait_until(lambda: any(words in record.getMessage() for record in list(caplog.records)))


def delivered(news: Newsmaker) -> bool:
    return wait_until(lambda: news.courier.status() == "broker connected" and news.outstanding == 0)


def password_file(folder: Path, password: str) -> str:
    file = folder / "password"
    file.write_text(password + "\n")
    return str(file)


def test_version_5_is_spoken_where_the_broker_knows_it_and_states_expire(
    broker: Mosquitto, subscribe: Callable[..., Subscriber], new_newsmaker: MakeNews, config_for: Configure, caplog
) -> None:
    subscriber = subscribe(broker.port)
    news = new_newsmaker(config_for(broker.port, state_expiry_seconds=120))
    assert said(caplog, "connected, MQTT 5")
    news.courier.send(Envelope("emotiond/box/desk/availability", b"online", retain=True))
    news.courier.send(
        Envelope(
            "emotiond/box/desk/faces",
            b'{"faces":[],"time":"2026-01-01T00:00:00.000Z","boot_id":"12345678","schema":1}',
            retain=True,
            expires=True,
        )
    )
    assert subscriber.wait_for("emotiond/box/desk/faces")[0].expiry_seconds in (119, 120)
    assert subscriber.wait_for("emotiond/box/desk/availability")[0].expiry_seconds is None


def test_version_3_can_be_asked_for(broker: Mosquitto, new_newsmaker: MakeNews, config_for: Configure, caplog) -> None:
    news = new_newsmaker(config_for(broker.port, protocol="3.1.1"))
    assert said(caplog, "connected, MQTT 3.1.1")
    news.make(10)
    assert delivered(news)


def test_a_broker_that_knows_no_version_5_is_spoken_to_in_3(
    new_newsmaker: MakeNews, config_for: Configure, caplog
) -> None:
    broker = pytest.importorskip("amqtt.broker", reason="amqtt is not installed (emotiond[demo])").Broker
    with running_broker(broker) as port:
        news = new_newsmaker(config_for(port))
        news.make(5)
        assert said(caplog, "does not speak MQTT 5; trying 3.1.1")
        assert said(caplog, "connected, MQTT 3.1.1")
        assert delivered(news)
        news.courier.close()


def test_a_wrong_password_is_said_and_everything_arrives_once_it_is_right(
    new_mosquitto: NewBroker, new_newsmaker: MakeNews, config_for: Configure, caplog, tmp_path: Path
) -> None:
    broker = new_mosquitto(users=USERS)
    config = config_for(broker.port, username="box", password_file=password_file(tmp_path, "wrong-secret"))
    news = new_newsmaker(config)
    news.make(20)
    assert said(caplog, f"broker 127.0.0.1:{broker.port}: refused: Not authorized")
    password_file(tmp_path, USERS["box"])
    assert delivered(news)
    assert "wrong-secret" not in caplog.text
    assert USERS["box"] not in caplog.text


def test_the_password_may_be_a_credential_of_systemd(
    new_mosquitto: NewBroker, new_newsmaker: MakeNews, config_for: Configure, tmp_path: Path, monkeypatch
) -> None:
    (tmp_path / "mqtt-password").write_text(USERS["box"])
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    broker = new_mosquitto(users=USERS)
    news = new_newsmaker(config_for(broker.port, username="box"))
    news.make(3)
    assert delivered(news)


def test_a_password_file_that_cannot_be_read_stops_the_start(config_for: Configure, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    with pytest.raises(PublisherError, match=rf"^\[mqtt\] password_file: {missing}: cannot be read: No such file"):
        Newsmaker(config_for(1, username="box", password_file=str(missing)))


def test_tls_with_a_certificate_of_our_own_carries_everything(
    new_mosquitto: NewBroker, new_newsmaker: MakeNews, config_for: Configure, tmp_path: Path, ca: Path
) -> None:
    broker = new_mosquitto(tls=signed(tmp_path, "broker", ca), require_certificate=True)
    ours = signed(tmp_path, "box", ca)
    config = config_for(
        broker.port,
        tls=True,
        ca_file=str(ca),
        client_certificate_file=str(ours["certificate"]),
        client_key_file=str(ours["key"]),
    )
    news = new_newsmaker(config)
    news.make(30)
    assert delivered(news)


@LEFT_SOCKETS
@pytest.mark.parametrize(
    ("expired", "trusted", "words"),
    [
        (True, True, "its certificate cannot be trusted: certificate has expired"),
        (False, False, "its certificate cannot be trusted: self-signed certificate in certificate chain"),
    ],
    ids=["expired", "wrong authority"],
)
def test_a_certificate_that_proves_nothing_is_said_and_nothing_is_sent(
    new_mosquitto: NewBroker,
    new_newsmaker: MakeNews,
    config_for: Configure,
    caplog,
    tmp_path: Path,
    ca: Path,
    expired: bool,
    trusted: bool,
    words: str,
) -> None:
    broker = new_mosquitto(tls=signed(tmp_path, "broker", ca, expired=expired))
    believed = ca if trusted else authority(tmp_path, "stranger")
    news = new_newsmaker(config_for(broker.port, tls=True, ca_file=str(believed)))
    news.make(10)
    assert said(caplog, words)
    assert wait_until(lambda: news.courier.health().spooled == 10)
    assert "Received CONNECT" not in broker.log
    assert "New client connected" not in broker.log


@LEFT_SOCKETS
def test_a_broker_without_tls_is_said_to_have_none(
    broker: Mosquitto, new_newsmaker: MakeNews, config_for: Configure, caplog
) -> None:
    new_newsmaker(config_for(broker.port, tls=True))
    assert said(caplog, f"broker 127.0.0.1:{broker.port}: ")
    assert any("TLS" in record.getMessage() or "does not answer" in record.getMessage() for record in caplog.records)


def test_a_broken_ca_file_stops_the_start(config_for: Configure, tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("no certificate")
    with pytest.raises(PublisherError, match=r"^\[mqtt\] ca_file: .*ca\.crt: cannot be used: "):
        Newsmaker(config_for(1, tls=True, ca_file=str(tmp_path / "ca.crt")))


def test_what_the_access_list_forbids_is_said_and_counted(
    new_mosquitto: NewBroker, new_newsmaker: MakeNews, config_for: Configure, caplog, tmp_path: Path
) -> None:
    acl = "user box\ntopic readwrite emotiond/box/availability\ntopic read emotiond/box/#\n"
    broker = new_mosquitto(users=USERS, acl=acl)
    config = config_for(broker.port, username="box", password_file=password_file(tmp_path, USERS["box"]))
    news = new_newsmaker(config)
    news.make(4)
    assert said(caplog, "emotiond/box/desk/event: refused by the broker: Not authorized; may this user write there?")
    assert wait_until(lambda: news.courier.health().refused >= 4)


def test_a_broker_that_hangs_up_on_what_it_refuses_is_told_everything_else(
    new_mosquitto: NewBroker,
    subscribe: Callable[..., Subscriber],
    new_newsmaker: MakeNews,
    config_for: Configure,
    caplog,
    tmp_path: Path,
) -> None:
    # Debian's mosquitto 2.0.11 does so where max_queued_messages is 0.
    acl = "user reader\ntopic read emotiond/#\nuser box\ntopic readwrite emotiond/box/hall/#\n"
    broker = new_mosquitto(users=USERS, acl=acl)
    reader = subscribe(broker.port, user="reader", password=USERS["reader"])
    password = password_file(tmp_path, USERS["box"])
    news = new_newsmaker(config_for(broker.port, username="box", password_file=password, cameras=("desk", "hall")))
    for camera in ("desk", "hall"):
        topic = f"emotiond/box/{camera}/availability"
        news.courier.send(Envelope(topic, b"online", retain=True))
        news.make(3, camera=camera)
    assert wait_until(lambda: news.outstanding == 0), "every event has had its answer"
    assert {event["camera"] for event in reader.events()} == {"hall"}
    assert len(reader.counted()) == 3
    assert reader.wait_for("emotiond/box/hall/availability")
    assert said(caplog, "emotiond/box/desk/event: refused by the broker: Not authorized; may this user write there?")
    assert "does another client use the client id" not in caplog.text


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_another_client_with_our_id_is_noticed(
    broker: Mosquitto, new_newsmaker: MakeNews, config_for: Configure, caplog, protocol: str
) -> None:
    for state in ("one", "two"):
        spool = {"directory": "", "sync": "normal"}
        new_newsmaker(
            config_for(broker.port, client_id="twin", protocol=protocol, device=state, spool=spool),
            f"boot-of-{state}",
        )
    assert said(caplog, 'another client use the client id "twin"')
    time.sleep(2.0)
    assert caplog.text.count("connections end as soon as they begin") <= 2, "each of them says it once"


def test_nobody_there_is_said_once(new_newsmaker: MakeNews, config_for: Configure, caplog) -> None:
    port = free_port()
    new_newsmaker(config_for(port))
    assert said(caplog, f"broker 127.0.0.1:{port}: does not answer: Connection refused")
    time.sleep(1.5)
    assert caplog.text.count("does not answer") == 1
