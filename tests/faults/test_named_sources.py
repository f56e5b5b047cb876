"""What the user named is translated and run, and nothing else."""

import os
import sys
from pathlib import Path

import pytest

import ptembed
from ptembed.cli import main
from ptembed.legacy import python2

MODULE = "print 'this has run'\nvalue = 1 / 2\n"


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A folder that is named and one that is not, each with a module of Python 2; both are on Python's path."""
    for name in ("named", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"old_{name}.py").write_text(MODULE)
        monkeypatch.syspath_prepend(str(tmp_path / name))
    monkeypatch.setenv("PTEMBED_CACHE", str(tmp_path / "cache"))
    python2.translate([tmp_path / "named"])
    yield tmp_path
    python2.stop()
    for name in ("old_named", "old_other", "old_link"):
        sys.modules.pop(name, None)


def test_only_what_was_named_is_translated(folders, capsys):
    import old_named

    assert old_named.value == 0 and capsys.readouterr().out == "this has run\n"
    with pytest.raises(SyntaxError):
        import old_other  # noqa: F401
    assert capsys.readouterr().out == ""


def test_a_link_does_not_lead_out_of_what_was_named(folders, capsys):
    (folders / "named" / "old_link.py").symlink_to(folders / "other" / "old_other.py")
    with pytest.raises(SyntaxError):
        import old_link  # noqa: F401
    assert capsys.readouterr().out == ""


def test_the_script_names_its_folder_and_no_other(folders, python):
    (folders / "named" / "main.py").write_text("import old_named, old_other\n")
    path = os.pathsep.join([str(folders / "other"), str(Path(ptembed.__file__).parents[1])])
    run = python("-m", "ptembed", "run", folders / "named" / "main.py", PYTHONPATH=path)
    assert run.returncode == 1 and run.stdout == "this has run\n"
    assert f"old_other.py is Python 2: pass --path {folders / 'other'} to translate it" in run.stderr


def test_the_census_runs_nothing(folders, capsys):
    main(["legacy", "check", str(folders)])
    assert "this has run\n" not in capsys.readouterr().out
    assert not {"old_named", "old_other"} & sys.modules.keys()
