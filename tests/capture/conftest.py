"""An RTSP camera, where the machine has what it takes."""

from __future__ import annotations

import pytest

from tests.capture import rtsp


@pytest.fixture
def serve(port):
    """Start a camera on the test's port; whichever still runs at the end is killed."""
    if reason := rtsp.missing():
        pytest.skip(reason)
    cameras = []

    def start(**how):
        cameras.append(rtsp.Camera(port, **how))
        return cameras[-1]

    yield start
    for camera in cameras:
        camera.kill()
