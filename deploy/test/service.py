"""What the tests ask the service and do to it."""

from __future__ import annotations

from deploy.test.guest import Guest


class Service:
    """emotiond in one guest."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest

    def shows(self, name: str) -> str:
        """Return what systemd knows about the service."""
        return self.guest.get(f"systemctl show emotiond -P {name}")

    def restarts(self) -> int:
        return int(self.shows("NRestarts"))

    def says(self, words: str, *, seconds: float = 40.0) -> None:
        """Wait until the status text holds `words`."""
        self.guest.until(lambda: words in self.shows("StatusText"), seconds)

    def journal(self, matches: str = "") -> list[str]:
        """Return the service's messages, those with the given fields alone."""
        return self.guest.get(f"journalctl --unit emotiond {matches} --output cat --no-pager").splitlines()

    def settings(self, text: str) -> None:
        """Add to the unit, for as long as the guest lives; the service must be restarted for it."""
        folder = "/etc/systemd/system/emotiond.service.d"
        self.guest.write(f"{folder}/test.conf", f"[Service]\n{text}")
        self.guest.get("systemctl daemon-reload")

    def configure(self, text: str) -> None:
        """Write the configuration; a restart or a reload brings it in."""
        self.guest.write("/etc/emotiond/emotiond.toml", text + "\n")
