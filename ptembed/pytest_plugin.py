"""``pytest --ptembed``: an old test suite on the drop-in, Python 2 test files and all.

Off unless the option is given. The suite's own folders are those where Python 2 sources are translated.
"""

import sys
from typing import Any

import pytest

__all__ = ["pytest_addoption", "pytest_load_initial_conftests"]


def pytest_addoption(parser: Any) -> None:
    """The options."""
    group = parser.getgroup("ptembed", "old Theano programs")
    group.addoption("--ptembed", action="store_true", help="serve `import theano`, translate Python 2 sources")
    group.addoption("--ptembed-path", action="append", default=[], metavar="FOLDER", help="translate below it too")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: Any) -> None:
    """Activate the drop-in before the first file of the suite is imported."""
    options = early_config.known_args_namespace
    if options.ptembed:
        from ptembed import legacy
        from ptembed.legacy import python2

        legacy.activate(python2=[early_config.rootpath, *options.ptembed_path])
        sys.meta_path.insert(0, python2.ONLY_PYTHON2)  # before pytest's own, which rewrites the tests that it can parse
