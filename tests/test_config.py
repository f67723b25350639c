"""Every key has a default, and whatever is wrong is named with its file, its table and its key in one line."""

from __future__ import annotations

import re

import pytest

from emotiond.config import Config, ConfigError, load


@pytest.fixture
def complaint(config_file):
    """Load a text that must not load; return what is said of it after the file's name."""

    def load_badly(text):
        path = config_file(text)
        with pytest.raises(ConfigError) as failure:
            load(path)
        message = str(failure.value)
        assert message.startswith(f"{path}: ")
        assert "\n" not in message
        return message.removeprefix(f"{path}: ")

    return load_badly


def test_an_empty_file_gives_every_default(config_file):
    assert load(config_file("")) == Config()


def test_what_the_file_says_wins_and_the_rest_stays(config_file):
    config = load(
        config_file(
            '[[camera]]\nname = "hall"\nsource = "/dev/video2"\n[[camera]]\nname = "door"\nrealtime = false\n'
            "[mood]\nchange_margin = 0\n[mqtt]\nport = 8883\ntls = true\n"
        )
    )
    assert [(camera.name, camera.source, camera.realtime) for camera in config.camera] == [
        ("hall", "/dev/video2", True),
        ("door", "0", False),
    ]
    assert (config.mqtt.port, config.mqtt.tls, config.mqtt.host) == (8883, True, "localhost")
    assert config.mood.change_margin == 0.0
    assert config.tracking == Config().tracking


def test_nothing_of_it_can_be_changed_later():
    with pytest.raises(AttributeError):
        Config().mqtt.port = 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[mqt]", "[mqt]: no such table; did you mean [mqtt]?"),
        ("[xyzzy]", "[xyzzy]: no such table; there are camera, capture, "),
        ("[mqtt]\nprot = 1", "[mqtt] prot: no such key; did you mean port?"),
        ("[[camera]]\nsuorce = '0'", "[[camera]] suorce: no such key; did you mean source?"),
        ("[[camera]]\n[[camera]]\nxyzzy = 1", "[[camera]] xyzzy: no such key; there are name, source, "),
        ("[detector]\nmin_face = 3", "[detector] min_face: no such key; did you mean min_face_pixels?"),
        (
            "[[camera]]\n[camera.detector]\nevery_frame = 3",
            "[camera.detector] every_frame: no such key; did you mean every_frames?",
        ),
    ],
)
def test_a_wrong_name_comes_with_the_nearest_right_one(complaint, text, message):
    assert complaint(text).startswith(message)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[mqtt]\nport = 'http'", "[mqtt] port: expected `int`, got `str`"),
        ("[mqtt]\nport = 0", "[mqtt] port: expected `int` >= 1"),
        ("[mqtt]\nport = 65536", "[mqtt] port: expected `int` <= 65535"),
        ("[mqtt]\ntls = 1", "[mqtt] tls: expected `bool`, got `int`"),
        ("[mqtt]\nprefix = 'a/b'", "[mqtt] prefix: expected `str` matching regex"),
        ("[mqtt]\ndevice = '#'", "[mqtt] device: expected `str` matching regex"),
        ("[tracking]\nmin_overlap = 1.5", "[tracking] min_overlap: expected `float` <= 1.0"),
        ("[mood]\nusual_seconds = 0", "[mood] usual_seconds: expected `float` > 0.0"),
        ("[inference]\nruntime = 'tensorflow'", "[inference] runtime: invalid enum value 'tensorflow'"),
        ("[detector]\nkind = 'magic'", "[detector] kind: invalid enum value 'magic'"),
        ("[log]\nlevel = 'loud'", "[log] level: invalid enum value 'loud'"),
        ("[[camera]]\nname = 'a+b'", "[[camera]] name: expected `str` matching regex"),
        ("[[camera]]\nsource = 0", "[[camera]] source: expected `str`, got `int`"),
        ("[[camera]]\nwidth_pixels = 0", "[[camera]] width_pixels: expected `int` >= 1"),
        ("[[camera]]\n[camera.detector]\nevery_frames = -1", "[camera.detector] every_frames: expected `int` >= 0"),
        ("[camera]\nname = 'a'", "[[camera]]: expected `array`, got `object`"),
        ("camera = 'hall'", "[[camera]]: expected `array`, got `str`"),
        ("mqtt = 3", "[mqtt]: expected `object`, got `int`"),
    ],
)
def test_a_wrong_value_is_named_with_table_and_key(complaint, text, place):
    assert complaint(text).startswith(place)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("camera = []", "[[camera]]: at least one is needed"),
        ("[[camera]]\n[[camera]]", '[[camera]] name: "camera" is given twice; every camera needs its own'),
        (
            "[capture]\nretry_first_seconds = 60",
            "[capture] retry_longest_seconds: must not be below retry_first_seconds",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(complaint, text, message):
    assert complaint(text) == message


@pytest.mark.parametrize("text", ["[mqtt", "[mqtt]\nport =", "port: 1883", "[mqtt]\n[mqtt]"])
def test_broken_toml_is_named_with_its_line(complaint, text):
    assert re.match(r"not TOML: .* \(at (line \d+, column \d+|end of document)\)$", complaint(text))


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: No such file or directory$"):
        load(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match=r": cannot be read: Is a directory$"):
        load(tmp_path)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"binary\.toml: cannot be read: not UTF-8 text$"):
        load(binary)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize(
    "key",
    [
        "[capture]\ntimeout_seconds",
        "[tracking]\nlost_seconds",
        "[tracking]\nmin_overlap",
        "[tracking]\nsure_score",
        "[mood]\nchange_margin",
    ],
)
def test_a_number_without_a_size_is_refused(complaint, key, value):
    table, _, name = key.partition("\n")
    assert complaint(f"{key} = {value}").startswith(f"{table} {name}: ")
