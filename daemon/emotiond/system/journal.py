"""Logging: to the journal with structured fields where systemd has started us, else to standard error."""

from __future__ import annotations

import logging
import os
from typing import Final

from emotiond.system.repeats import Repeats

try:
    from systemd import journal
except ImportError:
    journal = None

#: Attributes of a log record that become fields of the journal: ``extra={"camera": …}`` gives ``CAMERA=``.
FIELDS: Final = ("camera", "track", "topic")


class _Structured(logging.Handler):
    """Sends each record with its fields."""

    def __init__(self, identifier: str) -> None:
        super().__init__()
        self._identifier = identifier

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record; a journal that is away must not stop the daemon."""
        fields = {name.upper(): str(getattr(record, name)) for name in FIELDS if hasattr(record, name)}
        try:
            journal.send(
                self.format(record),
                PRIORITY=_PRIORITIES.get(record.levelno, 6),
                SYSLOG_IDENTIFIER=self._identifier,
                LOGGER=record.name,
                CODE_FILE=record.pathname,
                CODE_LINE=record.lineno,
                CODE_FUNC=record.funcName,
                **fields,
            )
        except OSError:
            self.handleError(record)


_PRIORITIES: Final = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}


def set_up_logging(level: str) -> None:
    """Send everything from ``level`` upwards to where it is read."""
    handler: logging.Handler
    if journal is not None and "JOURNAL_STREAM" in os.environ:
        handler = _Structured("emotiond")
        handler.setFormatter(logging.Formatter("%(message)s"))
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    handler.addFilter(Repeats())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
