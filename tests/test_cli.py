"""The command line as a whole; ``run`` and ``demo`` have tests of their own."""

import pytest

import ptembed
from ptembed.cli import main


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"ptembed {ptembed.__version__}\n"


def test_nothing_said_prints_help_and_is_no_success(capsys):
    assert main([]) == 2
    assert "COMMAND" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["run", "demo"])
def test_help_shows_an_example(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"example: python -m ptembed {command}" in capsys.readouterr().out


def test_unknown_command_is_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["dance"])
    assert stop.value.code == 2
    assert "invalid choice: 'dance'" in capsys.readouterr().err


def test_a_real_run_leaves_the_exit_status(python, tmp_path):
    (tmp_path / "program.py").write_text("import sys; sys.exit(5)")
    assert python("-m", "ptembed", "run", "program.py", cwd=tmp_path).returncode == 5
