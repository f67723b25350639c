"""`emotiond check` says `ok` of a good configuration and names what is wrong with a bad one, with exit code 2."""

from __future__ import annotations

import pytest

from emotiond.__main__ import main


def check(capsys, path):
    code = main(["check", "--config", str(path)])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_good_configuration_is_ok(config_file, capsys):
    path = config_file('[[camera]]\nname = "a"\n[[camera]]\nname = "b"\nsource = "rtsp://camera.local/"\n')
    assert check(capsys, path) == (0, "ok: 2 cameras, detector network, classifier on litert\n", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[mqtt]\nprot = 1883", "[mqtt] prot: no such key; did you mean port?"),
        ("[mqtt]\nport = 'high'", "[mqtt] port: expected `int`, got `str`"),
        ("[mqtt\nport = 1883", "not TOML: Expected ']' at the end of a table declaration (at line 1, column 6)"),
    ],
)
def test_a_bad_file_is_named_with_table_and_key(config_file, capsys, text, message):
    path = config_file(text)
    assert check(capsys, path) == (2, "", f"emotiond: {path}: {message}\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[camera]]\nsource = 'gopher://hall'", "[[camera]] camera: source: gopher://: no such kind of source"),
        ("[[camera]]\nsource = 'synthetic:?people=4'", "[[camera]] camera: source: synthetic:?people=4: "),
        ("[inference]\nmodel = 'none.tflite'", "none.json: the sidecar of none.tflite cannot be read"),
    ],
)
def test_what_the_file_points_to_is_checked_too(config_file, capsys, text, message):
    code, out, err = check(capsys, config_file(text))
    assert (code, out) == (2, "")
    assert err.startswith(f"emotiond: {message}")
    assert err.count("\n") == 1


def test_a_missing_file_is_named(tmp_path, capsys):
    path = tmp_path / "none.toml"
    assert check(capsys, path) == (2, "", f"emotiond: {path}: cannot be read: No such file or directory\n")


def test_a_model_that_is_none_is_named(config_file, capsys, shipped_model):
    shipped_model.write_bytes(b"TFL3 and nothing more")
    code, out, err = check(capsys, config_file(f'[inference]\nmodel = "{shipped_model}"\n'))
    assert (code, out) == (2, "")
    (line,) = [line for line in err.splitlines() if line.startswith("emotiond: ")]
    assert line.startswith(f"emotiond: {shipped_model}: not a TFLite file that litert can run: ")
