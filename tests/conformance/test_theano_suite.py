"""The command that runs Theano's tests: what it chooses, runs, reads and writes."""

import json
import time
from collections import Counter
from types import SimpleNamespace

import pytest
import theano_suite as suite

FAKE = """
import os, time, unittest
from nose.plugins.attrib import attr
from nose.plugins.skip import SkipTest
from nose.tools import assert_equal, assert_raises, raises
from theano.tests.other import double
import theano

class Number(unittest.TestCase):
    def test_passes(self):
        assert_equal(double(2), 4)
        assert "ptembed" in theano.__file__

    def test_fails(self):
        self.assertEqual(double(2), 5)

    def tearDown(self):
        assert self._testMethodName != "test_breaks_at_the_end"

    def test_breaks_at_the_end(self):
        pass

@attr("slow")
@raises(ValueError)
def test_raises():
    assert_raises(KeyError, {}.__getitem__, 1)
    int("x")

def test_raises_nothing():
    raises(ValueError)(int)(1)

def test_dies():
    os._exit(3)

def test_hangs():
    time.sleep(60)

def test_skips():
    raise SkipTest("not here")

def test_yields():
    yield lambda: None

def test_not_wanted():
    os._exit(4)

def test_after():
    pass
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    source = tmp_path_factory.mktemp("source")
    tests = source / "theano" / "tests"
    tests.mkdir(parents=True)
    (tests / "__init__.py").touch()
    (tests / "other.py").write_text("def double(x):\n    return 2 * x\n")
    (tests / "test_fake.py").write_text(FAKE)
    names = ["Number::test_passes", "Number::test_fails", "Number::test_breaks_at_the_end", "test_raises"]
    names += ["test_raises_nothing", "test_dies", "test_hangs", "test_skips", "test_after", "test_gone"]
    began = time.monotonic()
    result = suite.run_part("theano/tests/test_fake.py", names, source, seconds=10)
    assert time.monotonic() - began < 100
    assert set(result) == set(names)
    return {name: (outcome["outcome"], outcome["why"]) for name, outcome in result.items()}


def test_what_passes(outcomes):
    passed = {name for name, (outcome, _) in outcomes.items() if outcome == "passed"}
    assert passed == {"Number::test_passes", "test_raises", "test_after"}


def test_why_the_others_fail(outcomes):
    assert outcomes["Number::test_fails"] == ("failed", "AssertionError: 4 != 5")
    assert outcomes["Number::test_breaks_at_the_end"][0] == "failed"
    assert outcomes["test_raises_nothing"] == ("failed", "AssertionError: (<class 'ValueError'>,) not raised")
    assert outcomes["test_dies"] == ("failed", "it ended the process (3)")
    assert outcomes["test_hangs"] == ("failed", "it took too long")
    assert outcomes["test_skips"][0] == "skipped"
    assert outcomes["test_gone"] == ("failed", suite.FOUND_NONE)


def test_a_file_that_cannot_be_imported_fails_all_its_tests_with_the_reason():
    lines = [{"broken": True, "why": "ImportError: no dot"}, {"found": []}]
    assert suite.read_journal(lines, ["a"], "", None) == {"a": {"outcome": "failed", "why": "ImportError: no dot"}}


def test_a_process_that_ends_before_it_collects_fails_all_its_tests():
    done = SimpleNamespace(stdout="", stderr="Traceback:\nImportError: no theano\n", returncode=1)
    assert suite.read_journal([], ["a"], "", done)["a"]["why"] == "ImportError: no theano"


GROUPS = [
    {"reason": 'names "of" C code', "tests": ["f::a", "f::b"]},
    {"reason": "random", "unsteady": True, "tests": ["f::c"]},
    {"reason": "other file", "tests": ["g::a"]},
]


def test_the_list_is_written_as_it_is_read(tmp_path):
    path = tmp_path / "list.toml"
    path.write_text(suite.write_groups(GROUPS))
    assert suite.read_groups(path) == GROUPS


def test_a_test_in_two_groups_is_refused(tmp_path):
    path = tmp_path / "list.toml"
    path.write_text(suite.write_groups([*GROUPS, {"reason": "again", "tests": ["f::a"]}]))
    with pytest.raises(ValueError, match=r"\['f::a'\] in two"):
        suite.read_groups(path)


def test_recording_keeps_reasons_and_what_did_not_run_and_drops_what_passes():
    def outcome(kind, why=""):
        return {"outcome": kind, "why": why, "seconds": 0}

    outcomes = {
        "f::a": outcome("passed"),
        "f::b": outcome("failed", "KeyError"),
        "f::c": outcome("passed"),
        "f::d": outcome("failed", "KeyError"),
        "f::e": outcome("skipped", "skipped"),
        "f::f": outcome("failed", "KeyError"),
    }
    renewed = suite.renew(GROUPS, outcomes)
    assert renewed == [
        GROUPS[0] | {"tests": ["f::b"]},
        GROUPS[1],
        GROUPS[2],
        {"reason": "To be explained: KeyError", "tests": ["f::d", "f::f"]},
        {"reason": "To be explained: skipped", "tests": ["f::e"]},
    ]
    assert suite.renew(renewed, outcomes) == renewed


@pytest.fixture
def committed(monkeypatch, tmp_path):
    """The command with two tests, of which the second is listed, and with outcomes that the test sets."""
    place = SimpleNamespace(outcomes={}, list=tmp_path / "list.toml")
    (tmp_path / "passing.json").write_text(json.dumps({"theano/tests/test_x.py": ["a", "b"]}))
    (tmp_path / "files.txt").write_text("# head\ntheano/tests/test_x.py\n")
    (tmp_path / "slow.json").write_text("{}")
    place.list.write_text(suite.write_groups([{"reason": "no C", "tests": ["theano/tests/test_x.py::b"]}]))
    for name, file in {
        "PASSING": "passing.json",
        "FILES": "files.txt",
        "SLOW": "slow.json",
        "EXPECTED": "list.toml",
    }.items():
        monkeypatch.setattr(suite, name, tmp_path / file)
    monkeypatch.setattr(suite, "fetch", lambda: tmp_path)

    def run_all(wanted, source, options):
        names = [f"{file}::{name}" for file, names in wanted.items() for name in names]
        return {n: {"outcome": place.outcomes[n[-1]], "why": "because", "seconds": 9} for n in names}

    monkeypatch.setattr(suite, "run_all", run_all)
    return place


@pytest.mark.parametrize(
    ("a", "b", "status", "said"),
    [
        ("passed", "failed", 0, "1 of 2 pass (50.0 %), 1 fail as expected, 0 fail unexpectedly, 0 pass unexpectedly"),
        ("failed", "failed", 1, "FAILED theano/tests/test_x.py::a\n       because"),
        ("passed", "passed", 0, "PASSES NOW, take it off the list: theano/tests/test_x.py::b"),
        ("skipped", "failed", 1, "1 fail unexpectedly"),
    ],
)
def test_the_status_and_the_report(committed, capsys, a, b, status, said):
    committed.outcomes = {"a": a, "b": b}
    assert suite.main([]) == status
    assert said in capsys.readouterr().out


def test_record_writes_the_list_and_the_slow_tests(committed):
    committed.outcomes = {"a": "failed", "b": "passed"}
    assert suite.main(["--record"]) == 0
    assert suite.read_groups(suite.EXPECTED) == [
        {"reason": "To be explained: because", "tests": ["theano/tests/test_x.py::a"]}
    ]
    assert json.loads(suite.SLOW.read_text()) == {"theano/tests/test_x.py::a": 9, "theano/tests/test_x.py::b": 9}
    assert suite.main([]) == 0


def test_half_is_about_half_of_every_large_file_and_leaves_out_what_is_slow(monkeypatch, tmp_path):
    passing = json.loads(suite.PASSING.read_text())
    half = suite.choose(passing, [], half=True)
    for file, names in suite.choose(passing, [], half=False).items():
        if len(names) > 100:
            assert 0.35 < len(half[file]) / len(names) < 0.6, file
    file, names = next(iter(half.items()))
    monkeypatch.setattr(suite, "SLOW", tmp_path / "slow.json")
    suite.SLOW.write_text(json.dumps({f"{file}::{names[0]}": 30}))
    assert names[0] not in suite.choose(passing, [], half=True)[file]
    assert names[0] in suite.choose(passing, [], half=False)[file]


def test_words_choose_files():
    passing = json.loads(suite.PASSING.read_text())
    chosen = suite.choose(passing, ["sparse/tests/test_sp2", "test_config"], half=False)
    assert set(chosen) == {"theano/sparse/tests/test_sp2.py", "theano/tests/test_config.py"}
    with pytest.raises(SystemExit, match=r"no file of theano_files\.txt has one of the words gpu"):
        suite.choose(passing, ["gpu"], half=False)


def test_the_committed_lists_agree():
    passing = json.loads(suite.PASSING.read_text())
    files = [line for line in suite.FILES.read_text().splitlines() if line and not line.startswith("#")]
    assert max(Counter(files).values()) == 1
    assert set(passing) <= set(files)
    tests = {f"{file}::{name}" for file, names in passing.items() for name in names}
    listed = [test for group in suite.read_groups(suite.EXPECTED) for test in group["tests"]]
    assert set(listed) <= tests
    assert all(group["reason"] for group in suite.read_groups(suite.EXPECTED))
    assert set(json.loads(suite.SLOW.read_text())) <= tests
