"""Set-ups broken on purpose, with real files and devices: each gives the right line, and what mends it can be typed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from emotiond.config import Config, Deployment, Inference, Mqtt, Spool
from emotiond.doctor import clock, disk, kernels, machine, networks, permissions, power, service, settings
from emotiond.doctor.examination import examine, exit_code
from emotiond.doctor.finding import Level
from tests.doctor import patients
from tests.doctor.patients import assert_told, patient

FAILURE, WARNING = Level.FAILURE, Level.WARNING


@pytest.fixture
def root(tmp_path):
    return patients.machine(tmp_path / "root")


def test_a_whole_machine_is_well(root):
    for check in (machine, power, permissions, disk, clock):
        assert {finding.level for finding in check.examine(patient(root))} == {Level.OK}, check


def test_every_kernel_is_tried_and_does_what_it_must(root):
    sources = {source.stem for source in (Path(__file__).parents[2] / "native").glob("*.pyx")}
    assert set(kernels.KERNELS) == sources
    assert [finding.level for finding in kernels.examine(patient(root))] == [Level.OK]


def test_a_mistyped_key(config_file):
    config, said = settings.read(config_file("[mqtt]\nprot = 1\n"))
    assert config is None
    assert_told([said], FAILURE, "[mqtt] prot: no such key; did you mean port?", "sudo nano ")


def test_a_workplace_in_the_union_without_a_reason(config_file):
    _, said = settings.read(config_file('[deployment]\ncontext = "workplace"\nregion = "EU"\n'))
    assert_told([said], FAILURE, "Article 5(1)(f)", "sudo nano ")


def test_a_classroom_elsewhere_carries_the_notice(root):
    config = Config(deployment=Deployment(context="education"))
    assert_told(settings.examine(patient(root, config)), WARNING, "Article 5(1)(f)", "docs/privacy.md")


def test_a_configuration_that_the_service_may_not_read(root):
    file = root / "etc/emotiond/emotiond.toml"
    file.parent.mkdir()
    file.write_text("")
    file.chmod(0o600)
    assert_told(permissions.examine(patient(root)), FAILURE, "emotiond may not read it", "sudo chgrp emotiond ")


def test_a_state_folder_that_belongs_to_somebody_else(root):
    (root / "var/lib/emotiond").mkdir(parents=True, mode=0o700)
    assert_told(permissions.examine(patient(root)), FAILURE, "emotiond may not write there", "sudo chown emotiond")


def test_a_model_file_cut_short(root, shipped_model):
    shipped_model.write_bytes(shipped_model.read_bytes()[:200_000])
    config = Config(inference=Inference(model=str(shipped_model)))
    assert_told(networks.examine(patient(root, config)), FAILURE, f"{shipped_model}: ", "sudo nano ")


def test_a_model_without_its_sidecar(root, shipped_model):
    shipped_model.with_suffix(".json").unlink()
    config = Config(inference=Inference(model=str(shipped_model)))
    assert_told(networks.examine(patient(root, config)), FAILURE, "the sidecar of emotion.tflite cannot", "sudo nano ")


def test_a_model_with_other_bytes_than_it_was_released_with(root, shipped_model):
    shutil.copy(networks.SHIPPED.with_suffix(".known.json"), shipped_model.parent)
    whole = bytearray(shipped_model.read_bytes())
    whole[len(whole) // 2] ^= 0x40
    shipped_model.write_bytes(whole)
    config = Config(inference=Inference(model=str(shipped_model)))
    assert_told(networks.examine(patient(root, config)), FAILURE, "not the file that was released", "sudo nano ")


def test_a_runtime_that_is_not_installed(root):
    config = Config(inference=Inference(runtime="tflite-runtime"))
    if any(line.level is Level.OK for line in networks.examine(patient(root, config))):
        pytest.skip("tflite-runtime is installed here")
    assert_told(networks.examine(patient(root, config)), FAILURE, "not installed", "pip install tflite-runtime")


@pytest.mark.parametrize("architecture", ["armv7l", "i686", "riscv64"])
def test_a_machine_of_the_wrong_architecture(root, architecture):
    told = machine.examine(patient(root, architecture=architecture))
    assert_told(told, FAILURE, f"{architecture} is not supported", "sudo ./deploy/install.sh")


def test_kernels_that_were_built_for_another_architecture(tmp_path):
    package = tmp_path / "emotiond"
    shutil.copytree(Path(networks.__file__).parents[1], package, ignore=shutil.ignore_patterns("__pycache__"))
    kernel = next((package / "native").glob("assign*.so"))
    header = bytearray(kernel.read_bytes())
    other = "aarch64" if header[18] == 62 else "x86_64"
    header[18:20] = (183 if other == "aarch64" else 62).to_bytes(2, "little")
    kernel.write_bytes(header)
    # The copy's own folder comes first on the path.
    command = [sys.executable, "-m", "emotiond", "doctor"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"emotiond: {kernel}: is built for {other} and this is ")
    assert "sudo ./deploy/install.sh" in line


def test_a_full_disk(tmp_path):
    script = (
        f"mount -t tmpfs -o size=1M none {tmp_path} && head -c 1M /dev/zero > {tmp_path}/full;"
        f" exec {sys.executable} -c 'from pathlib import Path; from emotiond.doctor.disk import judge;"
        f' print(judge(Path("{tmp_path}")))\''
    )
    ended = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if "unshare" in ended.stderr or "mount" in ended.stderr:
        pytest.skip(f"no mount of one's own here: {ended.stderr.strip()}")
    assert "level=<Level.FAILURE" in ended.stdout, ended.stderr
    assert f"{tmp_path}: full" in ended.stdout


@pytest.mark.parametrize(
    ("bits", "level", "what", "remedy"),
    [
        (0x1, FAILURE, "undervoltage, now", "power supply"),
        (0x50005, FAILURE, "undervoltage, throttled, now", "power supply"),
        (0x4, WARNING, "throttled, now", "heat sink"),
        (0x80008, WARNING, "soft temperature limit, now", "heat sink"),
        (0x50000, WARNING, "undervoltage, throttled since the start", "power supply"),
        (0x20000, WARNING, "frequency capped since the start", "heat sink"),
    ],
)
def test_a_throttled_pi(tmp_path, bits, level, what, remedy):
    assert_told(power.examine(patient(patients.machine(tmp_path, bits=bits))), level, what, remedy)


def test_a_pi_that_is_too_hot(tmp_path):
    told = power.examine(patient(patients.machine(tmp_path, celsius=82.4)))
    assert_told(told, WARNING, "82 °C: the work is stepped down", "heat sink")


def test_a_clock_that_nobody_has_set():
    assert_told([clock.judge(0.0, believed=False)], WARNING, "1970-01-01 00:00 UTC", "sudo timedatectl set-ntp true")


@pytest.mark.parametrize(
    ("answer", "level", "what", "remedy"),
    [
        ("LoadState=not-found\nActiveState=inactive", WARNING, "not installed", "install.sh"),
        (
            "LoadState=loaded\nActiveState=failed\nResult=exit-code\nExecMainStatus=2",
            FAILURE,
            "configuration is wrong",
            "journalctl",
        ),
        (
            "LoadState=loaded\nActiveState=activating\nSubState=auto-restart\nExecMainStatus=1\nResult=watchdog",
            FAILURE,
            "watchdog",
            "journalctl",
        ),
        ("LoadState=loaded\nActiveState=inactive\nSubState=dead", FAILURE, "is inactive", "systemctl enable --now"),
        ("LoadState=loaded\nActiveState=active\nNRestarts=7\nUnitFileState=enabled", WARNING, "7 times", "journalctl"),
        (
            "LoadState=loaded\nActiveState=active\nNRestarts=0\nUnitFileState=disabled",
            WARNING,
            "not start with",
            "systemctl enable",
        ),
    ],
)
def test_a_service_that_does_not_run_as_it_should(answer, level, what, remedy):
    assert_told([service.judge(answer)], level, what, remedy)


def test_everything_at_once_has_the_worst_ones_code(root, config_file):
    file = config_file(
        '[[camera]]\nsource = "synthetic:?faces=1&width=64&height=48&face_pixels=20"\n[mqtt]\nhost = "no.invalid"\n'
    )
    findings = examine(file, root)
    assert exit_code(findings) == 2
    assert_told(
        [finding for finding in findings if finding.subject == "broker"], FAILURE, "name: no.invalid", "ping no.invalid"
    )
    subjects = {finding.subject for finding in findings}
    assert subjects >= {
        "machine",
        "kernels",
        "networks",
        "settings",
        "camera",
        "broker",
        "clock",
        "disk",
        "power",
        "heat",
    }
    assert exit_code([finding for finding in findings if finding.level is Level.OK]) == 0
    whole = Config(mqtt=Mqtt(spool=Spool(directory=str(file.parent))))
    assert patient(root, whole).state_folder == file.parent
