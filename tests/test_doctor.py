"""What the doctor sees, and that it sees trouble where there is some."""

import json
import sys
from importlib import metadata

import pytest

from ptembed import doctor
from ptembed.cli import main


@pytest.fixture
def values():
    return lambda: {finding.name: finding for finding in doctor.examine()}


def test_versions_are_those_installed(values):
    found = values()
    for library in ("pytensor", "numpy", "scipy"):
        assert found[library].value == metadata.version(library)
        assert not found[library].trouble
    assert found["Python"].value.startswith(".".join(map(str, sys.version_info[:2])))


def test_every_trouble_has_a_cure(values, monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    found = values()
    assert found["OPENBLAS_CORETYPE"].trouble
    assert all(bool(finding.trouble) == bool(finding.cure) for finding in found.values())


def test_more_threads_than_cores(values, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("NUMBA_NUM_THREADS", "100000")
    assert values()["threads"].cure == "unset NUMBA_NUM_THREADS"
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    assert not values()["threads"].trouble


def test_another_linker_is_slow(python, tmp_path):
    flags = "linker=py,optimizer=fast_compile"
    done = python("-m", "ptembed", "doctor", "--json", cwd=tmp_path, PYTENSOR_FLAGS=flags)
    found = {finding["name"]: finding for finding in json.loads(done.stdout)}
    assert done.returncode == 1
    assert found["linker"]["value"] == "perform" and "numba is the default" in found["linker"]["cure"]
    assert "copy whole matrices" in found["optimizer"]["trouble"]


def test_another_line_of_pytensor(values, monkeypatch):
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "2.31.0" if name == "pytensor" else version(name))
    assert values()["pytensor"].cure == "pip install 'pytensor==3.0.*'"


def test_a_real_theano_is_seen(values, monkeypatch, tmp_path):
    (tmp_path / "__init__.py").write_text("version = '1.0.5'")
    monkeypatch.setattr(doctor, "_origin", lambda module: str(tmp_path / "__init__.py"))
    assert values()["import theano"].cure == "pip uninstall theano"


def test_little_shared_memory(values, monkeypatch):
    if "free" not in values()["shared memory"].value:
        pytest.skip("there is no /dev/shm on this system")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 64 * 2**20})())
    assert "more than 64 MB" in values()["shared memory"].trouble


def test_exit_status_says_whether_there_is_trouble(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "examine", lambda: [doctor.Finding("linker", "numba")])
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out == "linker  numba\n\nNo trouble found.\n"
    monkeypatch.setattr(doctor, "examine", lambda: [doctor.Finding("linker", "py", "slow", "unset it")])
    assert main(["doctor"]) == 1
    assert "- linker: slow. Cure: unset it" in capsys.readouterr().out
