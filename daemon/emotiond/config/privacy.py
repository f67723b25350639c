"""What follows from where a device is deployed: how much it says of single faces, its notice, and whether it may start."""

from __future__ import annotations

from typing import Final

from emotiond.config.tables import Config

#: Where the European Union prohibits the inference of emotions, except for medical or safety reasons.
SENSITIVE: Final = ("workplace", "education")
#: The Union itself, and its members by their codes (ISO 3166).
UNION: Final = frozenset(
    "EU AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)


def room_only(config: Config) -> bool:
    """Say whether nothing is told of single faces: as configured, else wherever people depend on who watches them."""
    chosen = config.privacy.mode
    return chosen == "room" or (chosen == "auto" and config.deployment.context in SENSITIVE)


def notice(config: Config) -> str:
    """Return the one line that the log, ``doctor`` and ``state`` carry; empty where there is nothing to say."""
    table = config.deployment
    if table.context not in SENSITIVE:
        return ""
    line = (
        f"deployed in context {table.context}: the EU AI Act, Article 5(1)(f), prohibits inferring emotions at"
        " workplaces and in education, except for medical or safety reasons"
    )
    return f"{line}; stated here: a {table.reason} reason" if table.reason else line


def refusal(config: Config) -> str:
    """Return why a start is refused, in one line; empty where it is not."""
    table = config.deployment
    if table.context not in SENSITIVE or table.region not in UNION or table.reason:
        return ""
    return (
        f'[deployment] context: "{table.context}" in region "{table.region}": the EU AI Act, Article 5(1)(f), prohibits'
        ' inferring emotions there; where it serves a medical or a safety reason, state it: reason = "medical" or'
        ' reason = "safety"'
    )
