"""``pytest --ptembed`` on a suite of Python 2 files."""

from importlib.metadata import entry_points

import pytest

SUITE = {
    "conftest.py": "import sys\nprint >>sys.stderr, 'conftest'\n",
    "helper.py": "def half(n): return n / 2\n",
    "test_old.py": "import theano, helper\ndef test_old():\n    print 'x'\n    assert helper.half(7) == 3\n",
    "test_new.py": "def test_new():\n    x = [1]\n    assert x == [2]\n",
}


@pytest.fixture
def suite(tmp_path):
    for name, text in SUITE.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def pytest_run(python, suite, *options):
    installed = entry_points(group="pytest11", name="ptembed")  # pytest has it already, and takes no plugin twice
    plugin = () if installed else ("-p", "ptembed.pytest_plugin")
    return python(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, *options, cwd=suite, PTEMBED_CACHE=str(suite / "cache")
    )


def test_python2_tests_run_and_others_as_ever(python, suite):
    done = pytest_run(python, suite, "--ptembed")
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "At index 0 diff: 1 != 2" in done.stdout  # pytest's own report of what a plain assert compared


def test_it_is_off_by_default(python, suite):
    done = pytest_run(python, suite)
    assert done.returncode != 0 and "conftest.py" in done.stdout + done.stderr
