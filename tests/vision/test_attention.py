"""Faces are looked for when something moves, at least twice a second, and no oftener than the machine can afford."""

from __future__ import annotations

import numpy as np
import pytest

from emotiond.records import Frame, PixelFormat
from emotiond.vision.attention import EMPTY_SECONDS, LARGEST_SHARE, LONGEST_SECONDS, Attention, Look

WALL = np.random.default_rng(0).integers(90, 160, (180, 320, 3), np.uint8)


def frame(time_seconds, pixels=WALL, form=PixelFormat.BGR):
    return Frame("camera", 0, time_seconds, np.ascontiguousarray(pixels), "made", False, form)


def looks(attention, frames):
    return [attention.look(one) for one in frames]


def moved(pixels, x):
    """A dark square as large as a far face, somewhere else."""
    picture = pixels.copy()
    picture[60:84, x : x + 20] = 20
    return picture


@pytest.mark.parametrize("every", [1, 2, 5])
def test_one_frame_of_k_is_looked_at(every):
    seen = looks(Attention(every), (frame(index / 30.0) for index in range(20)))
    assert [look is Look.DETECT for look in seen] == [index % every == 0 for index in range(20)]


def test_a_strained_machine_looks_more_rarely_until_it_is_well_again():
    attention = Attention(2)
    attention.rarer = 3
    seen = looks(attention, (frame(index / 30.0) for index in range(12)))
    assert [index for index, look in enumerate(seen) if look is Look.DETECT] == [0, 6]
    attention.rarer = 1
    assert looks(attention, [frame(1.0), frame(1.1), frame(1.2)]) == [Look.DETECT, Look.AWAY, Look.DETECT]


def test_a_still_picture_is_looked_at_twice_a_second():
    seen = looks(Attention(0), (frame(index / 20.0) for index in range(61)))
    assert seen.count(Look.DETECT) == 3.0 / LONGEST_SECONDS + 1
    assert set(seen) == {Look.DETECT, Look.AWAY}


def test_it_is_quiet_while_nothing_moves():
    attention = Attention()
    attention.look(frame(0.0))
    assert not attention.quiet, "one picture says nothing of motion"
    attention.look(frame(0.1))
    assert attention.quiet
    attention.look(frame(0.6))
    assert attention.quiet, "a look that was due says nothing of motion"
    attention.look(frame(0.7, moved(WALL, 100)))
    assert not attention.quiet


def test_in_an_empty_room_a_still_picture_is_looked_at_half_as_often():
    attention = Attention()
    seen = [attention.look(frame(index / 10.0), empty=True) for index in range(30)]
    assert seen.count(Look.DETECT) == 3.0 / EMPTY_SECONDS
    assert attention.look(frame(3.0, moved(WALL, 100)), empty=True) is Look.DETECT


def test_blank_frames_are_not_looked_at_and_put_nothing_off():
    blank = np.zeros((180, 320, 0), np.uint8)
    frames = [frame(0.0), *(frame(index / 10.0, blank) for index in range(1, 8)), frame(0.8)]
    assert looks(Attention(1, sweep_seconds=0.5), frames) == [Look.SWEEP, *[Look.AWAY] * 7, Look.SWEEP]
    assert looks(Attention(), frames) == [Look.DETECT, *[Look.AWAY] * 7, Look.DETECT]


def test_whoever_is_restless_is_looked_at_although_nothing_moves():
    attention = Attention()
    seen = [attention.look(frame(index / 20.0), restless=index < 4) for index in range(8)]
    assert seen == [Look.DETECT] * 4 + [Look.AWAY] * 4
    assert attention.quiet


@pytest.mark.parametrize(("every", "each"), [(1, 3), (2, 6)])
def test_rarer_looks_are_so_many_times_rarer(every, each):
    attention = Attention(every)
    attention.rarer = 3
    seen = [attention.look(frame(index / 30.0)) for index in range(20)]
    assert [look is Look.DETECT for look in seen] == [index % each == 0 for index in range(20)]


def test_what_moves_is_looked_at_in_every_frame():
    seen = looks(Attention(0), (frame(index / 20.0, moved(WALL, 8 * index)) for index in range(20)))
    assert seen == [Look.DETECT] * 20


def test_a_change_of_the_light_is_no_motion():
    brighter = np.clip(WALL.astype(np.int16) + 30, 0, 255).astype(np.uint8)
    seen = looks(Attention(0), [frame(0.0), frame(0.1, brighter), frame(0.2, moved(brighter, 100))])
    assert seen == [Look.DETECT, Look.AWAY, Look.DETECT]


def test_the_noise_of_a_camera_is_no_motion():
    rng = np.random.default_rng(1)
    noisy = [np.clip(WALL + rng.normal(0.0, 6.0, WALL.shape), 0, 255).astype(np.uint8) for _ in range(8)]
    seen = looks(Attention(0), (frame(index / 20.0, pixels) for index, pixels in enumerate(noisy)))
    assert seen == [Look.DETECT] + [Look.AWAY] * 7


def test_a_slow_drift_is_noticed_in_the_end():
    seen = looks(Attention(0), (frame(index / 60.0, moved(WALL, 100 + index // 3)) for index in range(25)))
    assert 2 <= seen.count(Look.DETECT) < 15


def test_a_slow_machine_looks_less_often_however_much_moves():
    attention = Attention(0)
    spent = 0
    for index in range(100):
        if attention.look(frame(index / 50.0, moved(WALL, (8 * index) % 300))) is Look.DETECT:
            attention.took(0.1)
            spent += 1
    assert 3 <= spent <= 2.0 * LARGEST_SHARE / 0.1 + 1


def test_every_format_shows_motion():
    gray = WALL[:, :, :1]
    still, other = gray, moved(gray, 100)
    for form, wrap in (
        (PixelFormat.GRAY, lambda luma: luma),
        (PixelFormat.YUYV, lambda luma: np.concatenate([luma, np.full_like(luma, 128)], axis=2)),
        (PixelFormat.NV12, lambda luma: np.concatenate([luma, np.full_like(luma[:90], 128)])),
    ):
        frames = [frame(0.0, wrap(still), form), frame(0.1, wrap(still), form), frame(0.2, wrap(other), form)]
        assert looks(Attention(0), frames) == [Look.DETECT, Look.AWAY, Look.DETECT]


def test_sweeps_come_at_their_time_and_after_a_reset():
    attention = Attention(2, sweep_seconds=1.0)
    seen = looks(attention, (frame(index / 10.0) for index in range(25)))
    assert [index for index, look in enumerate(seen) if look is Look.SWEEP] == [0, 10, 20]
    attention.reset()
    assert attention.look(frame(2.5)) is Look.SWEEP


def test_a_camera_that_changes_its_size_or_its_clock_is_looked_at():
    frames = [frame(5.0), frame(5.1), frame(5.2, WALL[:90, :160]), frame(0.0, WALL[:90, :160])]
    assert looks(Attention(0), frames) == [Look.DETECT, Look.AWAY, Look.DETECT, Look.DETECT]
