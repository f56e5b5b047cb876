"""The command that runs the tests of libraries: what it chooses, runs and compares."""

import libraries
import pytest
import theano_suite as suite

FAKE = """
import os
import pytest
import theano
from made_up import twice

def test_passes():
    assert twice(2) == 4 and "ptembed" in theano.__file__ and os.environ["MADE_UP"] == "yes"

def test_dies():
    os._exit(3)

@pytest.mark.parametrize("n", [1, 2])
def test_after(n):
    assert twice(n) == 2

def test_skips():
    pytest.skip("not here")
"""
LIBRARY = {"package": "made_up==1.0", "tests": ["tests"], "needs": [], "environment": {"MADE_UP": "yes"}}


@pytest.fixture
def source(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "made_up.py").write_text("def twice(x):\n    return 2 * x\n")
    (tmp_path / "tests" / "test_made.py").write_text(FAKE)
    (tmp_path / "tests" / "broken_test.py").write_text("import nowhere_to_be_found\n")
    (tmp_path / "tests" / "helper.py").write_text("1 / 0\n")
    return tmp_path


def test_a_file_is_run_to_its_end(source):
    outcomes = libraries.run_file("tests/test_made.py", source, LIBRARY, seconds=60)
    short = {name.partition("::")[2]: (outcome["outcome"], outcome["why"]) for name, outcome in outcomes.items()}
    assert short["test_passes"] == ("passed", "passed")
    assert short["test_dies"] == ("failed", "it ended the process (3)")
    assert short["test_after[1]"][0] == "passed"
    assert short["test_after[2]"][0] == "failed"
    assert short["test_skips"][0] == "skipped"


def test_a_file_that_cannot_be_imported_is_one_failure(source):
    outcomes = libraries.run_file("tests/broken_test.py", source, LIBRARY, seconds=60)
    why = "ModuleNotFoundError: No module named 'nowhere_to_be_found'"
    assert outcomes == {"tests/broken_test.py::all": {"outcome": "failed", "why": why}}


def test_which_files_are_run(source):
    assert libraries.choose(LIBRARY, source, []) == ["tests/broken_test.py", "tests/test_made.py"]
    assert libraries.choose(LIBRARY, source, ["made"]) == ["tests/test_made.py"]
    with pytest.raises(SystemExit, match="has one of the words recurrent in its path"):
        libraries.choose(LIBRARY, source, ["recurrent"])


@pytest.mark.parametrize("name", sorted(libraries.LIBRARIES))
def test_what_is_expected_to_fail_has_a_reason(name):
    path = libraries.HERE / f"{name}_expected_failures.toml"
    groups = suite.read_groups(path) if path.exists() else []
    assert all(group["tests"] and not group["reason"].startswith("To be explained") for group in groups)
    assert {"package", "tests", "needs", "share", "sample"} <= set(libraries.LIBRARIES[name])
