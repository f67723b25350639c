"""A video gives every one of its frames at its own times, and says when it breaks off early."""

from __future__ import annotations

from itertools import pairwise

import pytest

from emotiond.capture.source import SourceError
from emotiond.capture.video import Video


def test_every_frame_comes_once_with_its_time(make_video):
    video = Video(make_video(12))
    video.open()
    pictures = list(iter(video.read, None))
    video.close()
    assert [picture.time_seconds for picture in pictures] == pytest.approx([index / 10 for index in range(12)])
    assert {picture.pixels.shape for picture in pictures} == {(240, 320, 3)}
    # The picture rolls to the right by one column each frame: neighbours differ.
    assert all((one.pixels != other.pixels).any() for one, other in pairwise(pictures))


def test_a_video_can_be_read_again_after_it_was_closed(make_video):
    video = Video(make_video(5))
    for _ in range(2):
        video.open()
        assert len(list(iter(video.read, None))) == 5
        video.close()


def test_a_truncated_video_says_how_far_it_came(make_video):
    # An .avi keeps its index at the end and goes on without it.
    path = make_video(40, "clip.avi")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    video = Video(path)
    video.open()
    with pytest.raises(SourceError, match=r"clip\.avi: broken off after \d+ of \d+ frames$") as failure:
        list(iter(video.read, None))
    seen, promised = (int(word) for word in str(failure.value).split() if word.isdigit())
    assert 0 < seen < 0.9 * promised
    assert promised == 40


def test_a_video_without_its_index_cannot_be_opened(make_video):
    # An .mp4 keeps its index at the end and is lost without it.
    path = make_video(40)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceError, match=r"clip\.mp4: not a picture or a video that can be read$"):
        Video(path).open()


@pytest.mark.parametrize("content", [b"", b"this is no video\n" * 50])
def test_a_file_that_is_no_video_says_so(tmp_path, content):
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"clip\.mp4: not a picture or a video that can be read$"):
        Video(path).open()


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(SourceError, match=r"none\.mp4: cannot be read: No such file or directory$"):
        Video(tmp_path / "none.mp4").open()


def test_reading_before_opening_says_so(tmp_path):
    with pytest.raises(SourceError, match="not open"):
        Video(tmp_path / "clip.mp4").read()
