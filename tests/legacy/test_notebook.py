"""``%load_ext ptembed`` and the cells of Python 2."""

import pytest

from ptembed import legacy

shells = pytest.importorskip("IPython.core.interactiveshell", reason="IPython is an extra")


@pytest.fixture
def shell(monkeypatch, tmp_path):
    monkeypatch.setenv("PTEMBED_CACHE", str(tmp_path))
    made = shells.InteractiveShell()
    made.run_line_magic("load_ext", "ptembed")
    yield made
    made.run_line_magic("unload_ext", "ptembed")
    shells.InteractiveShell.clear_instance()


def test_the_drop_in_is_there(shell):
    assert shell.run_cell("import theano; v = theano.__version__").success
    assert shell.user_ns["v"] == "1.0.5" and legacy.is_active()
    shell.run_line_magic("unload_ext", "ptembed")
    assert not legacy.is_active()
    shell.run_line_magic("load_ext", "ptembed")


def test_a_cell_of_python2(shell, capsys):
    shell.run_cell("n = 7")
    assert shell.run_cell("%%py2\nprint 'half', n / 2\ndef half(n): return n / 2\nrange(3)").success
    assert capsys.readouterr().out.startswith("half 3\n")
    assert shell.run_cell("x = half(9), 9 / 2").success
    assert shell.user_ns["x"] == (4, 4.5)


def test_an_error_in_a_cell(shell, capsys):
    failed = shell.run_cell("%%py2\ndef f():\n    return 1 / 0\nf()")
    assert isinstance(failed.error_in_exec, ZeroDivisionError)
    assert "python2_" not in capsys.readouterr().out
    failed = shell.run_cell("%%py2\nprint 1\nx = = 2")
    assert isinstance(failed.error_in_exec, SyntaxError) and "1\n" not in capsys.readouterr().out.splitlines(True)[:1]
