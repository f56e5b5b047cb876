"""Python 2 programs: they print what Python 2.7 printed, import each other, and fail at the user's own lines."""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path

import numpy as np
import pytest
from python2_programs import PROGRAMS, RECORDED

from ptembed import legacy
from ptembed.legacy import python2, removed_names
from ptembed.legacy.python2 import builtin_names, cache, folders

OUTPUTS = json.loads(Path(RECORDED).read_text())


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PTEMBED_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder below which Python 2 is translated; what is imported from it is forgotten."""
    source = tmp_path / "source"
    source.mkdir()
    before = set(sys.modules)
    monkeypatch.syspath_prepend(source)
    python2.translate([source])
    yield source
    python2.stop()
    removed_names.restore()
    for name in set(sys.modules) - before:
        if str(source) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def write(folder, **sources):
    for name, text in sources.items():
        path = folder / (name.replace("__in__", "/") + ".py")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    importlib.invalidate_caches()


def run(text):
    module = python2.new_module("program")
    exec(python2.code_of(text.encode(), "program.py"), vars(module))
    return module


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_prints_what_python2_printed(name, capfd):
    try:
        run(PROGRAMS[name])
    finally:
        removed_names.restore()
    assert capfd.readouterr().out == OUTPUTS[name]


@pytest.mark.parametrize(
    "expression, want",  # of NumPy 1.16 on Python 2.7
    [
        ("np.arange(5) / 2", [0, 0, 1, 1, 2]),
        ("np.arange(3) / 2.", [0, 0.5, 1]),
        ("7 / np.arange(1, 3)", [7, 3]),
        ("np.arange(3) / np.arange(1, 4)", [0, 0, 0]),
        ("np.ones(2) / 2", [0.5, 0.5]),
        ("(np.arange(3) == 1) / 2", [0, 0, 0]),
        ("[np.int32(7) / np.int32(2)]", [3]),
        ("[np.int64(7) / 2]", [3]),
        ("[np.float32(7) / 2]", [3.5]),
        ("[isinstance(np.int64(1), int), isinstance(np.int32(1), int)]", [True, False]),
        ("range(np.float64(3.0))", [0, 1, 2]),
    ],
)
def test_numpy_under_python2(expression, want):
    found = run(f"import numpy as np\nx = {expression}").x
    assert np.asarray(found).tolist() == want


def test_an_array_is_divided_in_its_place():
    module = run("import numpy as np\na = np.arange(5)\nb = a\na /= 2\nc = np.ones(2)\nd = c\nc /= 4")
    assert module.a is module.b and module.a.tolist() == [0, 0, 1, 1, 2]
    assert module.c is module.d and module.c.tolist() == [0.25, 0.25]


@pytest.mark.filterwarnings("ignore:x . y of two integers")
def test_symbolic_integers_are_divided_as_theano_divided_them_under_python2(theano):
    module = run(
        "import theano, theano.tensor as T\nx, y = T.ivector(), T.vector()\n"
        "f = theano.function([x, y], [x / 2, 7 / x, y / 2, x / 2.])"
    )
    whole, inverse, half, real = module.f(np.array([3, 5], "int32"), np.array([1.0, 2.0], theano.config.floatX))
    assert whole.dtype == "int32" and whole.tolist() == [1, 2] and inverse.tolist() == [2, 1]
    assert half.tolist() == [0.5, 1] and real.tolist() == [1.5, 2.5]


def test_modules_of_a_package_import_each_other_without_a_dot(folder):
    write(
        folder,
        old__in____init__="import part\nfrom helper import half",
        old__in__part="import helper, string\nx = helper.half(7)",
        old__in__helper="def half(n): return n / 2",
        old__in__string="mine = True",
        helper="not_this = True",
    )
    old = importlib.import_module("old")
    assert old.part.x == 3 and old.half(9) == 4 and old.part.string.mine
    assert sys.modules["old.helper"].half is old.half


def test_a_module_for_both_pythons_is_what_the_program_is(folder):
    write(folder, both="def half(n): return n / 2", old="import both\nprint both.half(3)", new="import both")
    assert importlib.import_module("new").both.half(3) == 1.5
    del sys.modules["new"], sys.modules["both"]
    assert importlib.import_module("old").both.half(3) == 1


def test_a_program_that_imports_python2_is_python2(folder):
    write(folder, main="import middle\nhalf = 3 / 2", middle="import old", old="print 'x'", other="half = 3 / 2")
    assert importlib.import_module("main").half == 1
    assert importlib.import_module("other").half == 1.5


@pytest.mark.parametrize("variable, want", [("2", 1), ("3", 1.5)])
def test_the_language_can_be_named(folder, monkeypatch, variable, want):
    monkeypatch.setenv("PTEMBED_PYTHON", variable)
    python2.translate()
    write(folder, neutral="half = 3 / 2", new="half = 3 / 2\nx = f'{half}'")
    assert importlib.import_module("neutral").half == want
    assert importlib.import_module("new").half == 1.5


def test_a_name_of_another_language_is_refused():
    with pytest.raises(ValueError, match="must be '2' or '3', or not given at all"):
        python2.translate(python="2.7")
    with pytest.raises(NotADirectoryError, match=r"folders, but .*nowhere is none"):
        python2.translate(["nowhere"])


def test_only_below_the_folders(folder, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.syspath_prepend(other)
    write(other, elsewhere="print 'x'")
    with pytest.raises(SyntaxError, match="print"):
        importlib.import_module("elsewhere")


def test_the_variable_names_folders(tmp_path, monkeypatch, theano):
    monkeypatch.setenv("PTEMBED_PATH", os.pathsep.join([str(tmp_path)]))
    legacy.activate()
    assert folders.holds(str(tmp_path / "x.py"))
    assert not folders.holds(str(tmp_path / "lib" / "site-packages" / "x.py"))
    assert not folders.holds(np.__file__) and not folders.holds(python2.__file__)


def test_lines_of_a_traceback_are_the_users(folder):
    source = "import os\n\ndef f((a, b), n):\n    '''Doc.'''\n\tx = [a,\n             b]\n        try:\n"
    source += (
        "            raise KeyError, 1\n        except KeyError, (e,):\n            print >>os, 1 if n else 2,\\\n"
    )
    source += "             n / 0\n\nprint 'loaded'\n"
    write(folder, failing=source.replace("    '''Doc.'''\n\tx", "        '''Doc.'''\n\tx"))
    module = importlib.import_module("failing")
    with pytest.raises(ZeroDivisionError) as caught:
        module.f((1, 2), 3)
    frame = next(f for f in traceback.extract_tb(caught.tb) if f.filename == module.__file__)
    assert (frame.lineno, frame.line) == (11, "n / 0") and frame.colno is None


@pytest.mark.parametrize(
    "source, line, message",
    [
        ("print 1\nx = = 2\n", 2, "invalid syntax in Python 2 at '='"),
        ("print 1\nif x:\n    y\n  z\n", 4, "unindent"),
        ("print 1\n'''open\n", 2, "EOF in multi-line string|unterminated"),
        ("print 1\nNone = 3\n", 2, "None"),
        ("print 1\ndef f():\n    from os import *\n", 3, "only allowed at module level"),
        ("print 1\nx = 08\n", 2, "leading zeros"),
        ("x = (1,\n", 1, "never closed"),
    ],
)
def test_what_cannot_be_translated_is_said_with_its_line(folder, source, line, message):
    write(folder, broken="import sys\nsys.was_executed = True\n" + source)
    with pytest.raises(SyntaxError, match=message) as caught:
        importlib.import_module("broken")
    assert caught.value.filename == str(folder / "broken.py")
    assert caught.value.lineno == line + 2 or message == "EOF in multi-line string|unterminated"
    assert not hasattr(sys, "was_executed")


def test_encodings_are_those_of_python2(folder):
    write(
        folder,
        latin=b"# -*- coding: latin-1 -*-\nx = u'\xe9'\nprint x",
        undeclared=b"x = 1 # \xe9\nprint x",
        windows=b"\xef\xbb\xbfprint 1\r\nx = 2\r\n",
    )
    assert importlib.import_module("latin").x == "é"
    assert importlib.import_module("undeclared").x == 1
    assert importlib.import_module("windows").x == 2


def test_names_of_python2_are_seen_by_no_other_module(folder):
    write(
        folder,
        old="print 'x'\nm = map(abs, [1])",
        new="m = map(abs, [1])\ntry:\n    xrange\n    x = 2\nexcept NameError:\n    x = 3",
    )
    assert importlib.import_module("old").m == [1]
    assert importlib.import_module("new").m.__class__ is map and importlib.import_module("new").x == 3


def test_a_program_may_put_names_into_builtins(folder, monkeypatch):
    import builtins

    monkeypatch.setattr(builtins, "put_there", 5, raising=False)
    usual = builtins.range
    monkeypatch.setattr(builtins, "range", lambda *bounds: usual(2) if bounds == (100,) else usual(*bounds))
    write(folder, old="print put_there\nx, y = range(100), put_there")
    module = importlib.import_module("old")
    assert (module.x, module.y) == ([0, 1], 5)


def test_a_python2_module_may_change_the_built_in_names_of_all(folder):
    write(
        folder, first="import __builtin__\nprint 'x'\n__builtin__.len = lambda x: -1", second="print 'x'\nx = len([])"
    )
    importlib.import_module("first")
    try:
        assert importlib.import_module("second").x == -1 and len([]) == 0
    finally:
        vars(builtin_names.MODULE)["len"] = len


def test_the_cache_is_used_and_survives_damage(folder, monkeypatch):
    write(folder, old="print 'x'\nhalf = 3 / 2")
    data = (folder / "old.py").read_bytes()
    first = python2.code_of(data, "old.py")
    monkeypatch.setattr(python2, "tree_of", None)
    assert python2.code_of(data, "old.py") == first
    monkeypatch.undo()
    for file in cache.folder().rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[:-3])
    assert python2.code_of(data, "old.py") == first
    assert not list(folder.rglob("*.pyc"))


def test_a_cache_that_cannot_be_written_is_left_alone(folder, monkeypatch):
    monkeypatch.setenv("PTEMBED_CACHE", os.devnull)
    write(folder, old="print 'x'\nhalf = 3 / 2")
    assert importlib.import_module("old").half == 1


def test_lambdas_and_comprehensions_in_classes(folder):
    write(
        folder,
        old="print 'x'\nclass A:\n    __n = 7\n    def half(self):\n        self.__n /= 2\n        return self.__n",
    )
    assert importlib.import_module("old").A().half() == 3
