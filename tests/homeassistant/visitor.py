"""Somebody who signs in to a Home Assistant, asks it over its websocket, and looks at a dashboard in a real browser."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from websockets.sync.client import connect

from tests.browser import running_browser

NAME, PASSWORD = "visitor", "a word of the test's own"
ANSWER_SECONDS = 60.0
#: The front end is large, and a busy machine slow.
PATIENCE_MILLISECONDS = 240_000.0


class Visitor:
    """The first user, made as the onboarding makes it."""

    def __init__(self, http_port: int) -> None:
        self._where = f"127.0.0.1:{http_port}"
        self._home = f"http://{self._where}"
        who = {"name": NAME, "username": NAME, "password": PASSWORD, "language": "en", "client_id": f"{self._home}/"}
        code = self._post("/api/onboarding/users", json.dumps(who).encode(), "application/json")["auth_code"]
        form = {"grant_type": "authorization_code", "code": code, "client_id": f"{self._home}/"}
        kind = "application/x-www-form-urlencoded"
        self._tokens = self._post("/auth/token", urllib.parse.urlencode(form).encode(), kind)

    def ask(self, **question: Any) -> Any:
        """Ask one question over the websocket."""
        with connect(f"ws://{self._where}/api/websocket", open_timeout=ANSWER_SECONDS, max_size=None) as socket:
            socket.recv(ANSWER_SECONDS)
            socket.send(json.dumps({"type": "auth", "access_token": self._tokens["access_token"]}))
            assert json.loads(socket.recv(ANSWER_SECONDS))["type"] == "auth_ok"
            socket.send(json.dumps({"id": 1, **question}))
            answer = json.loads(socket.recv(ANSWER_SECONDS))
        assert answer["success"], answer
        return answer["result"]

    def look(self, path: str, words: list[str], picture: Path) -> None:
        """Open a dashboard, wait for words on it, and keep a picture; no card may complain."""
        known = self._tokens | {
            "hassUrl": self._home,
            "clientId": f"{self._home}/",
            "expires": (time.time() + 1e6) * 1e3,
        }
        with running_browser() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 1100})
            page.add_init_script(f"localStorage.setItem('hassTokens', {json.dumps(json.dumps(known))})")
            page.goto(f"{self._home}/{path}", timeout=PATIENCE_MILLISECONDS)
            for word in words:
                expect(page.get_by_text(word).first).to_be_visible(timeout=PATIENCE_MILLISECONDS)
            page.screenshot(path=picture)
            expect(page.locator("hui-error-card, hui-warning")).to_have_count(0)

    def _post(self, path: str, body: bytes, kind: str) -> dict[str, Any]:
        request = urllib.request.Request(self._home + path, body, {"Content-Type": kind})  # noqa: S310
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
        return found
