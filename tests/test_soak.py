"""The whole service at full rate over a real broker: after a while its memory is what it was; half an hour with `make soak`."""

from __future__ import annotations

import os
import statistics
import time

from emotiond.bench.machine import resident_megabytes
from emotiond.bench.startup import family

LONG = bool(os.environ.get("EMOTIOND_LONG"))
SECONDS = 1800.0 if LONG else 15.0
#: What allocators keep back at the beginning is not measured; nor is how they round.
WARM_UP_SECONDS = 120.0 if LONG else 10.0
GROWTH_MEGABYTES = 3.0 if LONG else 15.0
READINGS = 30
SCENE = "synthetic:?faces=12&width=640&height=360&face_pixels=64&rate=30"


def test_memory_is_flat(emotiond, config_file, mosquitto, listen):
    mosquitto.start()
    path = config_file(
        f'[[camera]]\nname = "room"\nsource = "{SCENE}"\n'
        f'[mqtt]\nhost = "127.0.0.1"\nport = {mosquitto.port}\n[governor]\nenabled = false\n'
        # Ten messages per second: more than any room asks for.
        "[mood]\ninterval_seconds = 0.1\n"
    )
    listener = listen()
    child = emotiond("run", "--config", path)
    listener.wait_for(lambda: bool(listener.heard("/mood")), 60.0)
    time.sleep(WARM_UP_SECONDS)
    told, used = len(listener.heard()), []
    for _ in range(READINGS):
        time.sleep(SECONDS / READINGS)
        assert child.process.poll() is None, child.stderr
        used.append(sum(resident_megabytes(member) for member in family(child.process.pid)))
    third = READINGS // 3
    growth = statistics.median(used[-third:]) - statistics.median(used[:third])
    assert growth < GROWTH_MEGABYTES, used
    assert len(listener.heard()) > told + SECONDS, "it must have been at work all the time"
    assert child.terminate() == 0
