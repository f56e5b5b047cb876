"""pytest plugin of :mod:`theano_suite`: runs inside each process that runs a part of Theano's tests.

It makes ``import theano`` the drop-in and takes the modules below ``theano/**/tests`` alone from Theano's source
distribution; it stands in for ``nose``, which no longer imports; it picks the wanted tests; and it writes one line a
test to a journal, so that what ran before a crash is known.

The part is described by the file that ``THEANO_SUITE_PART`` names: the folder of the distribution (none for the tests
of another library), the wanted tests, those that have run before, the journal, and the seconds that one test may take,
after which the process ends.
"""

import faulthandler
import importlib
import inspect
import json
import os
import sys
import unittest
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType

import pytest

PART: dict = {}


def pytest_configure():
    PART.update(json.loads(Path(os.environ["THEANO_SUITE_PART"]).read_text()))
    PART["late"] = os.open(PART["journal"] + ".late", os.O_CREAT | os.O_WRONLY)
    stand_in_for_nose()
    importlib.import_module("theano")
    if "source" not in PART:
        return
    sys.meta_path.insert(0, TestModules)


class TestModules:
    """Finds ``theano.tensor.tests.test_basic`` and its like in the source distribution."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        package, *names = name.split(".")
        if package != "theano" or "tests" not in names:
            return None
        return PathFinder.find_spec(name, [str(Path(PART["source"], package, *names[:-1]))])


def stand_in_for_nose():
    """Put modules in the place of ``nose`` that have the names that Theano's tests take from it."""
    case = unittest.TestCase()
    tools = {
        "assert_equal": case.assertEqual,
        "assert_equals": case.assertEqual,
        "assert_raises": case.assertRaises,
        "assert_true": case.assertTrue,
        "raises": raises,
    }
    skip = {"SkipTest": unittest.SkipTest}
    modules = {
        "nose": skip,
        "nose.tools": tools,
        "nose.plugins": {},
        "nose.plugins.skip": skip,
        "nose.plugins.attrib": {"attr": lambda *tags: lambda test: test},
    }
    for name, contents in modules.items():
        sys.modules[name] = module = ModuleType(name)
        vars(module).update(contents)
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)


def raises(*errors):
    """Make a decorator: the test passes if it raises one of ``errors``."""

    def decorate(test):
        def expecting(*args, **kwargs):
            with unittest.TestCase().assertRaises(errors):
                test(*args, **kwargs)

        expecting.__name__ = test.__name__
        return expecting

    return decorate


def write(**line):
    with open(PART["journal"], "a") as journal:
        journal.write(json.dumps(line) + "\n")


def name_of(item_or_report):
    return short(item_or_report.nodeid)


def short(nodeid):
    """The name in the journal: without the file where a part is of one file."""
    return nodeid.split("::", 1)[-1] if "source" in PART else nodeid


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(name, obj):
    """Leave out the tests that yield their cases, which pytest no longer takes."""
    return [] if name.startswith("test") and inspect.isgeneratorfunction(obj) else None


def pytest_collection_modifyitems(config, items):
    wanted, done = PART.get("tests"), PART.get("done", ())
    items[:] = [item for item in items if name_of(item) not in done and (wanted is None or name_of(item) in wanted)]
    write(found=[name_of(item) for item in items])


def pytest_runtest_logstart(nodeid):
    write(started=short(nodeid))
    faulthandler.dump_traceback_later(PART["seconds"], exit=True, file=PART["late"])


def pytest_runtest_logreport(report):
    if report.failed:
        write(failed=name_of(report), why=reason(report), seconds=report.duration)
    elif report.when == "call" or report.skipped:
        write(**{report.outcome: name_of(report)}, seconds=report.duration)


def pytest_runtest_logfinish():
    faulthandler.cancel_dump_traceback_later()


def pytest_collectreport(report):
    if report.failed:
        write(broken=True, why=reason(report))


def reason(report):
    """The kind and the first line of the error."""
    text = getattr(getattr(report.longrepr, "reprcrash", None), "message", None) or str(report.longrepr)
    lines = [line.removeprefix("E").strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line.split(":")[0]]
    return (errors or lines or ["no message"])[-1 if report.when == "collect" else 0][:200]
