"""Where the device stands decides how much it says, and whether it starts at all."""

from __future__ import annotations

import pytest

from emotiond.config import Config, ConfigError, Deployment, Privacy, load
from emotiond.config.privacy import notice, room_only


def placed(context="", region="", reason="", mode="auto"):
    return Config(deployment=Deployment(context=context, region=region, reason=reason), privacy=Privacy(mode=mode))


@pytest.mark.parametrize("context", ["", "home", "research", "art", "retail", "medical", "safety"])
@pytest.mark.parametrize("region", ["", "EU", "US"])
def test_nobody_else_is_hindered(context, region, config_file):
    text = f'[deployment]\ncontext = "{context}"\nregion = "{region}"\n'
    config = load(config_file(text))
    assert not room_only(config)
    assert notice(config) == ""


@pytest.mark.parametrize("context", ["workplace", "education"])
def test_where_people_depend_on_who_watches_them_the_room_is_the_default(context):
    assert room_only(placed(context))
    assert not room_only(placed(context, mode="faces"))
    assert "Article 5(1)(f)" in notice(placed(context))
    assert f"context {context}" in notice(placed(context, mode="faces"))
    assert room_only(placed("home", mode="room"))


@pytest.mark.parametrize("context", ["workplace", "education"])
@pytest.mark.parametrize("region", ["EU", "DE", "HR"])
def test_in_the_union_a_start_without_a_reason_is_refused_in_one_line(context, region, config_file):
    path = config_file(f'[deployment]\ncontext = "{context}"\nregion = "{region}"\n')
    with pytest.raises(ConfigError, match=r"Article 5\(1\)\(f\).* state it: reason = ") as refused:
        load(path)
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith(f'{path}: [deployment] context: "{context}" in region "{region}"')


@pytest.mark.parametrize("reason", ["medical", "safety"])
def test_a_stated_reason_lets_it_start_and_is_told_to_everybody(reason, config_file):
    config = load(config_file(f'[deployment]\ncontext = "education"\nregion = "EU"\nreason = "{reason}"\n'))
    assert room_only(config)
    assert notice(config).endswith(f"stated here: a {reason} reason")


@pytest.mark.parametrize("text", ['context = "office"', 'region = "eu"', 'reason = "profit"'])
def test_a_word_that_nobody_knows_is_refused(text, config_file):
    with pytest.raises(ConfigError, match=r"\[deployment\] "):
        load(config_file(f"[deployment]\n{text}\n"))


def test_the_daemon_refuses_with_exit_code_2(emotiond, config_file):
    path = config_file('[deployment]\ncontext = "education"\nregion = "EU"\n')
    child = emotiond("run", "--config", path, "--outlet", "stdout", "--source", "synthetic:?frames=2")
    assert child.wait() == 2
    assert child.stdout == ""
    (line,) = child.stderr.splitlines()
    assert "Article 5(1)(f)" in line


def test_track_numbers_are_drawn_anew_at_each_start(emotiond, config_file):
    path = config_file('[mqtt]\ndevice = "box"\n')
    scene = "synthetic:?faces=2&width=480&height=270&face_pixels=80&rate=10&frames=12"
    numbers = []
    for _ in range(2):
        child = emotiond("run", "--config", path, "--outlet", "stdout", "--source", scene)
        assert child.wait() == 0
        numbers.append({int(word.split(",")[0]) for word in child.stdout.split('"track":')[1:]})
    assert len(numbers[0]) == len(numbers[1]) == 2
    assert not numbers[0] & numbers[1]
