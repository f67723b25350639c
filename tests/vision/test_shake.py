"""A camera that is shaken for long does not carry away the places of those who are out of sight."""

from __future__ import annotations

import numpy as np

from tests.vision.crowd import SIZE, face, make_tracker

RATE = 7.5


def test_a_face_that_is_hidden_while_the_camera_shakes_keeps_its_number() -> None:
    rng = np.random.default_rng(1)
    tracker = make_tracker()
    seats = np.stack(np.meshgrid(np.arange(140.0, 1200.0, 200.0), (180.0, 360.0, 540.0)), axis=2).reshape(-1, 2)
    returned = list[set[int]]()
    for index in range(600):
        now = index / RATE
        places = seats + rng.normal(0.0, 20.0, 2) + rng.normal(0.0, 1.5, seats.shape)
        # Every eight seconds somebody is hidden for one and a half.
        who, since = divmod(now, 8.0)
        hidden = int(who) if since < 1.5 and now > 8.0 else None
        faces = [face(*place, 50.0) for row, place in enumerate(places) if row != hidden]
        tracked = tracker.update(faces, SIZE, now)
        if since > 4.0:
            returned.append({track.number for track in tracked.seen})
    assert set.union(*returned) == set(range(1, len(seats) + 1))
