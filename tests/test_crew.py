"""What lasts over a reload is made from the tables that are named for it, and from no other."""

from __future__ import annotations

import pytest

from emotiond import assembly, cameras, delivery, parts
from emotiond.capture.mailbox import Bell
from emotiond.config import Camera, Config
from emotiond.crew import MADE_FROM
from emotiond.mqtt.inbox import Inbox


class Noted:
    """A configuration that notes which of its tables are asked for."""

    def __init__(self, config):
        self._config = config
        self.asked = set()

    def __getattr__(self, table):
        self.asked.add(table)
        return getattr(self._config, table)


MAKERS = {
    "reader": lambda config: cameras.reader(config, Camera(source="synthetic:"), Bell()),
    "detector": parts.detector,
    "classifier": parts.classifier,
    "outlet": lambda config: assembly.outlet(config, "mqtt", delivery.desk(Config(), Inbox(lambda: None))),
}


def test_there_is_a_maker_of_each():
    assert set(MAKERS) == set(MADE_FROM)


@pytest.mark.parametrize("part", MAKERS)
def test_a_lasting_part_is_made_from_the_tables_that_are_named_for_it(part):
    noted = Noted(Config())
    MAKERS[part](noted)
    assert noted.asked == set(MADE_FROM[part]), "name them in crew.MADE_FROM: else a reload would not renew it"
