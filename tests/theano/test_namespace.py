"""The names of Theano's top-level module, and the modules around it."""

import importlib
import logging

import numpy as np
import pytest

NAMES = """
    Apply CLinker Constant Container DualLinker FunctionGraph FunctionMaker Generic In InconsistencyError Linker
    LocalLinker Lop Mode Op OpFromGraph OpWiseCLinker OpenMPOp OrderedUpdates Out PY3 Param PerformLinker
    ProfileStats Rop SymbolicInput SymbolicOutput Type Variable __api_version__ __version__ _asarray as_op
    change_flags clone compat compile config configdefaults configparser disable_log_handler dot foldl foldr
    function function_dump generic get_scalar_constant_value gof grad gradient has_handlers
    logging_default_formatter logging_default_handler map misc np object2 opt pp pprint predefined_linkers
    predefined_modes predefined_optimizers printing reduce scalar scan scan_checkpoints scan_module shared
    sparse_grad subgraph_grad tensor test tests theano theano_logger toolbox updates utils version
"""


@pytest.mark.parametrize("name", NAMES.split())
def test_has_the_names_of_theano(theano, name):
    assert getattr(theano, name) is not None


@pytest.mark.parametrize("name", ["MethodNotDefined", "Type", "hashtype"])
def test_ops_find_names_of_gof_in_tensor(theano, name):
    assert getattr(theano.tensor, name) is getattr(theano.gof, name)


def test_the_module_has_itself(theano):
    assert theano.theano.theano is theano


@pytest.mark.parametrize(
    "module, names",
    [
        ("compile.function_module", "Function FunctionMaker _constructor_Function"),
        ("sandbox.rng_mrg", "DotModulo MRG_RandomStreams mrg_uniform"),
        ("tensor.raw_random", "RandomFunction RandomStateType"),
    ],
)
def test_pickles_name_what_they_need_where_theano_had_it(module, names):
    found = importlib.import_module(f"ptembed.theano.{module}")
    for name in names.split():
        assert getattr(found, name).__module__ == found.__name__


def test_an_unknown_name_is_an_attribute_error(theano):
    with pytest.raises(AttributeError, match="no attribute 'functoin'"):
        theano.functoin  # noqa: B018


def test_logger_speaks_up_from_warnings_on(theano):
    assert theano.theano_logger is logging.getLogger("theano")
    assert theano.theano_logger.getEffectiveLevel() == logging.WARNING
    assert theano.has_handlers(theano.theano_logger)


def test_constants_of_tensors_and_sparse_matrices(theano):
    T, sparse = theano.tensor, theano.sparse
    idx = T.constant([0], dtype="int32"), T.constant([0, 1], dtype="int32")
    assert theano.get_scalar_constant_value(T.constant(3)) == 3
    assert theano.get_scalar_constant_value(sparse.CSR(T.constant([5.0]), *idx, [1, 1])) == 5
    for unknown in (T.dscalar(), T.constant([1, 2]), sparse.CSR(T.dvector(), *idx, [1, 1])):
        with pytest.raises(T.NotScalarConstantError):
            theano.get_scalar_constant_value(unknown)


def test_own_tests_of_theano_are_not_there(theano):
    with pytest.raises(NotImplementedError, match="not shipped"):
        theano.test()


def test_asarray_gives_the_dtype(theano):
    with theano.change_flags(floatX="float32"):
        assert theano._asarray([1, 2], "floatX").dtype == np.float32
    array = np.ones((2, 3), "int64")
    assert theano._asarray(array, "int64") is array
    assert theano._asarray(array, np.float64, order="F").flags.f_contiguous
    assert theano._asarray(np.ones(2, "longlong"), "int64").dtype.num == np.dtype("int64").num


def test_compat_is_python_3(theano):
    compat = theano.compat
    assert compat.cmp(1, 2) == -1 and compat.cmp("b", "a") == 1 and compat.cmp([], []) == 0
    assert list(compat.izip([1, 2], compat.imap(str, [3, 4]))) == [(1, "3"), (2, "4")]
    assert compat.exc_message(ValueError(ValueError("inner"))) == "inner"
    assert compat.decode_with(compat.b("\xe9"), "latin-1") == "\xe9"
    assert list(compat.decode_iter([b"a", b"b"])) == ["a", "b"]
    assert importlib.import_module("theano.compat.python2x").OrderedDict is compat.OrderedDict


def test_default_ordered_dict(theano):
    lists = theano.compat.DefaultOrderedDict(list, [("b", [1])])
    lists["a"].append(2)
    assert list(lists.items()) == [("b", [1]), ("a", [2])]
    assert lists.copy() == lists and lists.copy().default_factory is list
    with pytest.raises(KeyError):
        theano.compat.DefaultOrderedDict()["a"]
    with pytest.raises(TypeError, match="must be callable"):
        theano.compat.DefaultOrderedDict(3)


def test_path_of_the_environment(theano, monkeypatch):
    monkeypatch.setenv("SOME_PATH", "/a")
    theano.compat.maybe_add_to_os_environ_pathlist("SOME_PATH", "/b")
    theano.compat.maybe_add_to_os_environ_pathlist("SOME_PATH", "/a")
    theano.compat.maybe_add_to_os_environ_pathlist("SOME_PATH", "relative")
    assert __import__("os").environ["SOME_PATH"] == "/b:/a"


def test_templates_show_where_they_fail(theano):
    strutil = importlib.import_module("theano.misc.strutil")
    assert strutil.render_string("%(a)s+%(b)i", {"a": "x", "b": 2}) == "x+2"
    with pytest.raises(Exception, match=r"x %\(missing\)<<<< caused exception 'missing'"):
        strutil.render_string("x %(missing)s y", {})
    assert strutil.pretty_format("if {\n\t a;\n {\nb;\n}\n}") == "if {\n    a;\n    {\n        b;\n    }\n}"


def test_children_are_run_quietly(theano, python):
    windows = importlib.import_module("theano.misc.windows")
    out, err, status = windows.output_subprocess_Popen(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (out, err, status) == (b"out\n", b"err\n", 3)
    assert windows.call_subprocess_Popen(["sh", "-c", "echo out; exit 4"]) == 4
    with pytest.raises(TypeError, match="subprocess_Popen"):
        windows.call_subprocess_Popen("true", stdout=None)


def test_number_of_processors(theano):
    assert importlib.import_module("theano.misc.cpucount").cpuCount() >= 1
