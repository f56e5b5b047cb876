"""The page that says what is served tells the truth."""

import importlib.util
from pathlib import Path


def table_script():
    spec = importlib.util.spec_from_file_location("served_table", Path(__file__).parent / "served_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_has_what_the_code_does(theano):
    script = table_script()
    _, rows, _ = script.parts(script.PAGE.read_text("utf8"))
    assert rows == script.table(), "run python tests/legacy/served_table.py"
