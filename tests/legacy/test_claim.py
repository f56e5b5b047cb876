"""The claim of Theano's name: pip believes it, nothing else is touched, it goes without a trace."""

import base64
import hashlib
import subprocess
import sys
from importlib.metadata import distributions

import pytest

from ptembed import cli
from ptembed.legacy import claim


@pytest.fixture
def packages(tmp_path):
    folder = tmp_path / "site-packages"
    folder.mkdir()
    return folder


def found(packages):
    return {d.metadata["Name"]: d.version for d in distributions(path=[str(packages)])}


def another(packages, name="Theano", version="1.0.4", installer="pip"):
    folder = packages / f"{name}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (folder / "INSTALLER").write_text(f"{installer}\n")
    return folder


def test_there_and_back(packages):
    folder = claim.claim(packages)
    assert found(packages) == {"Theano": "1.0.5"}
    assert [path.name for path in packages.iterdir()] == ["Theano-1.0.5.dist-info"] and folder.parent == packages
    assert (folder / "INSTALLER").read_text() == "ptembed\n"
    assert claim.claim(packages) is None
    assert claim.unclaim(packages) == folder
    assert not list(packages.iterdir())
    assert claim.unclaim(packages) is None


def test_the_record_is_right(packages):
    folder = claim.claim(packages)
    record = {path.name: path for path in distribution_in(packages).files}
    assert set(record) == {path.name for path in folder.iterdir()}
    for name in ("METADATA", "INSTALLER"):
        content = (folder / name).read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        assert (record[name].hash.value, record[name].size) == (digest, len(content))


def distribution_in(packages):
    return next(iter(distributions(path=[str(packages)], name="Theano")))


def test_pip_takes_theano_as_installed(packages):
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir"]
    claim.claim(packages)
    listed = subprocess.run([*pip, "list", "--path", packages], capture_output=True, text=True)
    assert [line.split() for line in listed.stdout.splitlines()[2:]] == [["Theano", "1.0.5"]]
    checked = subprocess.run(
        [*pip, "show", "Theano"], capture_output=True, text=True, env={"PYTHONPATH": str(packages)}
    )
    assert "the drop-in of ptembed" in checked.stdout and "Installer: ptembed" not in checked.stderr


@pytest.mark.parametrize("call", [claim.claim, claim.unclaim])
def test_another_theano_is_left_alone(packages, call):
    another(packages)
    with pytest.raises(FileExistsError, match=r"another Theano is installed, 1\.0\.4 in .*pip uninstall Theano"):
        call(packages)
    assert found(packages) == {"Theano": "1.0.4"}


def test_a_real_one_of_the_same_version_is_left_alone(packages):
    another(packages, version="1.0.5")
    for call in (claim.claim, claim.unclaim):
        with pytest.raises(FileExistsError, match="another Theano is installed"):
            call(packages)
    assert (packages / "Theano-1.0.5.dist-info" / "INSTALLER").read_text() == "pip\n"


def test_a_folder_of_modules_is_a_theano_too(packages):
    (packages / "theano").mkdir()
    with pytest.raises(FileExistsError, match="another Theano is installed"):
        claim.claim(packages)
    assert [path.name for path in packages.iterdir()] == ["theano"]


def test_files_of_others_are_not_removed(packages):
    folder = claim.claim(packages)
    (folder / "direct_url.json").write_text("{}")
    with pytest.raises(FileExistsError, match=r"has direct_url\.json, which ptembed has not written"):
        claim.unclaim(packages)
    assert len(list(folder.iterdir())) == 4


def test_what_fails_leaves_nothing(packages, monkeypatch):
    monkeypatch.setattr(claim, "_record", lambda files: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        claim.claim(packages)
    monkeypatch.undo()
    monkeypatch.setattr(claim.Path, "rename", lambda self, to: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        claim.claim(packages)
    assert not list(packages.iterdir())


def test_a_target_that_is_no_folder(tmp_path):
    for call in (claim.claim, claim.unclaim):
        with pytest.raises(NotADirectoryError, match="give the site-packages of an environment"):
            call(tmp_path / "none")


def test_the_commands_say_what_they_do(packages, capsys):
    target = ["--target", str(packages)]
    assert cli.main(["legacy", "claim", *target]) == 0
    assert "wrote " in capsys.readouterr().out
    assert cli.main(["legacy", "claim", *target]) == 0
    assert "claimed already" in capsys.readouterr().out
    assert cli.main(["legacy", "unclaim", *target]) == 0
    assert "removed " in capsys.readouterr().out and not list(packages.iterdir())
    assert cli.main(["legacy", "unclaim", *target]) == 0
    assert "not claimed" in capsys.readouterr().out
    another(packages)
    assert cli.main(["legacy", "claim", *target]) == 2
    assert capsys.readouterr().err.startswith("ptembed legacy claim: another Theano is installed")
    assert cli.main(["legacy"]) == 2
