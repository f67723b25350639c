"""The broker goes away in every way it can; every event arrives, and whoever counts can tell."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from emotiond.config import Config
from emotiond.mqtt.spool import FILE
from tests.mqtt.conftest import LONG, as_toml
from tests.mqtt.mosquitto import PATIENCE_SECONDS, Mosquitto, wait_until
from tests.mqtt.newsmaker import CAMERA, Newsmaker
from tests.mqtt.subscriber import Subscriber

BOOT = "0123456789abcdef"
RATE_HZ = 50.0
AWAY_SECONDS = 60.0 if LONG else 4.0
#: What a process may have in memory alone.
UNSAVED_SECONDS = 2.0

MakeNews = Callable[..., Newsmaker]
Configure = Callable[..., Config]


def all_of(count: int, boot: str = BOOT) -> set[tuple[str, str, int]]:
    return {(boot, CAMERA, number) for number in range(1, count + 1)}


def test_every_event_arrives_once_after_the_broker_was_away(
    broker: Mosquitto, subscribe: Callable[..., Subscriber], new_newsmaker: MakeNews, config_for: Configure
) -> None:
    subscriber = subscribe(broker.port)
    news = new_newsmaker(config_for(broker.port))
    news.make(50, RATE_HZ)
    assert wait_until(lambda: news.outstanding == 0)
    broker.stop()
    news.make(int(RATE_HZ * AWAY_SECONDS), RATE_HZ)
    assert news.courier.health().spooled > 0
    broker.start()
    news.make(50, RATE_HZ)
    assert wait_until(lambda: set(subscriber.counted()) == all_of(news.made))
    assert wait_until(lambda: news.outstanding == 0)
    late = [event["seq"] for event in subscriber.events() if event.get("backfill")]
    # Those of the last moment were still in memory when the broker came back, and are not late.
    assert len(late) >= RATE_HZ * (AWAY_SECONDS - UNSAVED_SECONDS)
    # A repeat may only be of what was on its way when the broker went.
    first = list(dict.fromkeys(late))
    assert first == sorted(first)
    assert news.courier.health().dropped == news.courier.health().spool_dropped == 0


@pytest.mark.parametrize("persistence", [True, False])
def test_a_broker_that_is_killed_has_everything_acknowledged_in_the_end(
    new_mosquitto: Callable[..., Mosquitto], new_newsmaker: MakeNews, config_for: Configure, *, persistence: bool
) -> None:
    broker = new_mosquitto(persistence=persistence)
    news = new_newsmaker(config_for(broker.port))
    for _ in range(5 if LONG else 2):
        news.make(40, RATE_HZ)
        broker.kill()
        news.make(40, RATE_HZ)
        broker.start()
    assert wait_until(lambda: news.courier.status() == "broker connected" and news.outstanding == 0)
    health = news.courier.health()
    assert (health.dropped, health.spool_dropped, health.refused) == (0, 0, 0)


def test_a_frozen_broker_loses_nothing(
    broker: Mosquitto, subscribe: Callable[..., Subscriber], new_newsmaker: MakeNews, config_for: Configure
) -> None:
    subscriber = subscribe(broker.port)
    news = new_newsmaker(config_for(broker.port))
    news.make(20, RATE_HZ)
    broker.freeze()
    news.make(int(RATE_HZ * (30 if LONG else 4)), RATE_HZ)
    assert wait_until(lambda: news.courier.health().spooled > 0)
    broker.thaw()
    assert wait_until(lambda: set(subscriber.counted()) == all_of(news.made))
    assert wait_until(lambda: news.outstanding == 0)


def test_the_disk_rests_while_the_broker_acknowledges(
    broker: Mosquitto, new_newsmaker: MakeNews, config_for: Configure, tmp_path: Path
) -> None:
    news = new_newsmaker(config_for(broker.port))
    assert wait_until(lambda: news.courier.status() == "broker connected")
    files = sorted((tmp_path / "state").iterdir())
    before = [(file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    news.make(100, 40.0)
    assert wait_until(lambda: news.outstanding == 0)
    assert [(file.stat().st_size, file.stat().st_mtime_ns) for file in files] == before


def test_a_broker_that_is_absent_at_the_start_gets_everything_later(
    new_mosquitto: Callable[..., Mosquitto], new_newsmaker: MakeNews, config_for: Configure
) -> None:
    broker = new_mosquitto()
    broker.stop()
    news = new_newsmaker(config_for(broker.port))
    news.make(30)
    assert wait_until(lambda: news.courier.health().spooled == 30)
    assert news.courier.status() == "broker away, 30 events spooled"
    broker.start()
    assert wait_until(lambda: news.outstanding == 0)


@pytest.mark.parametrize("sync", ["normal", "always"])
def test_a_killed_daemon_loses_the_last_two_seconds_at_most(
    broker: Mosquitto,
    subscribe: Callable[..., Subscriber],
    new_newsmaker: MakeNews,
    config_for: Configure,
    tmp_path: Path,
    sync: str,
) -> None:
    config = config_for(broker.port, spool={"sync": sync})
    (tmp_path / "news.toml").write_text(as_toml(config))
    broker.stop()
    command = [sys.executable, "-m", "tests.mqtt.newsmaker", str(tmp_path / "news.toml"), "50", "100000", "killed-boot"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as child:
        assert child.stdout is not None
        made = 0
        began = time.monotonic()
        while time.monotonic() - began < (20 if LONG else 6):
            made = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        made = int(([str(made), *child.stdout.read().split()])[-1])
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / FILE)) as spool:
        (saved,) = spool.execute("SELECT count(*) FROM event").fetchone()
    broker.start()
    subscriber = subscribe(broker.port)
    news = new_newsmaker(config)
    assert wait_until(lambda: len(subscriber.counted()) == saved)
    assert wait_until(lambda: news.outstanding == 0)
    arrived = sorted({event["seq"] for event in subscriber.events() if event["boot_id"] == "killed-boot"})
    assert arrived == list(range(1, len(arrived) + 1)), "only the last may be missing"
    # One more may have been made than was said.
    assert len(arrived) >= made - (0 if sync == "always" else UNSAVED_SECONDS * RATE_HZ)
    assert all(event["backfill"] for event in subscriber.events())


def test_a_clean_stop_leaves_what_the_broker_did_not_take_on_the_disk(
    broker: Mosquitto, subscribe: Callable[..., Subscriber], new_newsmaker: MakeNews, config_for: Configure
) -> None:
    subscriber = subscribe(broker.port)
    config = config_for(broker.port)
    broker.stop()
    first = new_newsmaker(config, "first-boot")
    first.make(25)
    first.courier.close()
    broker.start()
    second = new_newsmaker(config, "second-boot")
    second.make(5)
    assert wait_until(lambda: set(subscriber.counted()) == all_of(25, "first-boot") | all_of(5, "second-boot"))


def test_a_full_disk_is_said_and_costs_nothing_while_memory_lasts(
    broker: Mosquitto, subscribe: Callable[..., Subscriber], config_for: Configure, tmp_path: Path
) -> None:
    subscriber = subscribe(broker.port)
    broker.stop()
    small = tmp_path / "small"
    small.mkdir()
    config = config_for(broker.port, spool={"directory": str(small)})
    (tmp_path / "news.toml").write_text(as_toml(config))
    script = 'mount -t tmpfs -o size=192k none "$1" && shift && exec "$@"'
    unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if subprocess.run(
        [*unshare, "sh", "-c", script, "sh", str(small), "true"], capture_output=True, check=False
    ).returncode:
        pytest.skip("no small file system can be mounted here")
    newsmaker = [sys.executable, "-m", "tests.mqtt.newsmaker", str(tmp_path / "news.toml"), "200", "600", BOOT]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(
            [*unshare, "sh", "-c", script, "sh", str(small), *newsmaker],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
        ) as child,
    ):
        assert child.stdout is not None
        while child.stdout.readline() != "600\n":
            assert child.poll() is None
        assert wait_until(lambda: "spool: database or disk is full" in (tmp_path / "log").read_text())
        broker.start()
        assert wait_until(lambda: set(subscriber.counted()) == all_of(600))
        child.send_signal(signal.SIGTERM)
        child.wait(PATIENCE_SECONDS)


def test_what_no_longer_fits_goes_oldest_first_and_is_counted(
    broker: Mosquitto, subscribe: Callable[..., Subscriber], new_newsmaker: MakeNews, config_for: Configure
) -> None:
    subscriber = subscribe(broker.port)
    broker.stop()
    news = new_newsmaker(config_for(broker.port, spool={"max_megabytes": 0.02}))
    for _ in range(10):
        news.make(20)
        # Full or not, it has to reach the disk before the next ones come.
        assert wait_until(lambda: news.courier.health().waiting == 0)
    health = news.courier.health()
    assert 0 < health.spooled < 200
    assert health.spool_dropped == 200 - health.spooled
    assert health.spooled_bytes <= 20_000
    broker.start()
    assert wait_until(lambda: news.outstanding == 0)
    assert wait_until(lambda: len(subscriber.counted()) == health.spooled)
    assert {number for _, _, number in subscriber.counted()} == set(range(201 - health.spooled, 201))
