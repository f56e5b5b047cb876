"""The page that says what is served tells the truth."""

import importlib
import importlib.util
import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "theano_names.json").read_text("utf8"))


def table_script():
    spec = importlib.util.spec_from_file_location("served_table", HERE / "served_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_has_what_the_code_does(theano):
    script = table_script()
    _, rows, _ = script.parts(script.PAGE.read_text("utf8"))
    assert rows == script.table(), "run python tests/legacy/served_table.py"


@pytest.mark.parametrize("module", RECORDED)
def test_what_is_missing_says_why(theano, module):
    found = importlib.import_module(module)
    for name in RECORDED[module]:
        try:
            getattr(found, name)
        except NotImplementedError as error:
            assert f"{name} is gone: " in str(error)
