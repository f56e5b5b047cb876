"""Models that real Theano pickled on Python 2.7 and 3.7 (``pickles/``) are read, and compute what it computed."""

import bz2
import io
import json
import pickle
import pickletools
import re
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.traversal import ancestors

import ptembed.theano as theano
from ptembed.legacy import activate, deactivate, pickles
from ptembed.legacy.old_graphs import Unread
from ptembed.theano import sparse
from ptembed.theano import tensor as T
from ptembed.theano.misc import pkl_utils

HERE = Path(__file__).parent / "pickles"
GRAPHS = ["graph", "operations", "loop", "sparse_model", "choices"]
CASES = [*GRAPHS, "parameters", "values", "types", "containers", "function", "function_with_defaults", "on_gpu"]
CASES += ["streams", "streams_mrg", "own_class"]
X = np.linspace(-1, 1, 12).reshape(4, 3).astype("float32")
GIVEN = {"x": X, "i": np.array([1, 0, 1, 3], "int32"), "c": np.int8(0)}


@pytest.fixture(params=["py27", "py37"])
def version(request):
    return request.param


@pytest.fixture(autouse=True)
def own_class(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))


def content(version, case):
    return bz2.decompress((HERE / version / f"{case}.pkl.bz2").read_bytes())


def expected(version, case):
    return json.loads((HERE / version / "expected.json").read_text("utf8"))[case]


def read(version, case):
    return pickles.load(io.BytesIO(content(version, case)), allow=["models.Layer"])


def same(got, wanted):
    got = got.toarray() if scipy.sparse.issparse(got) else got
    np.testing.assert_allclose(np.asarray(got, float), wanted, rtol=1e-5, atol=1e-6)


def check_graph(model, wanted):
    given = GIVEN | ({"x": scipy.sparse.csr_matrix(X)} if "rows" in str(model.get("params")) else {})
    f = theano.function(model["inputs"], model["outputs"], on_unused_input="ignore", mode="FAST_COMPILE")
    for got, numbers in zip(f(*[given[v.name] for v in model["inputs"]]), wanted, strict=True):
        same(got, numbers)


@pytest.mark.parametrize("case", GRAPHS)
def test_graphs_compute_what_theano_computed(version, case):
    model = read(version, case)
    assert not [v for v in ancestors(model["outputs"]) if v.owner and isinstance(v.owner.op, Unread)]
    check_graph(model, expected(version, case))


def test_graphs_can_be_derived_and_pickled_again(version):
    model = read(version, "graph")
    cost, W = model["outputs"][2], model["params"][0]
    again = pickle.loads(pickle.dumps(model))
    check_graph(again, expected(version, "graph"))
    same(T.grad(cost, W).eval({model["inputs"][0]: X}, mode="FAST_COMPILE"), expected(version, "graph")[3])


def test_parameters(version):
    shared = read(version, "parameters")
    assert all(isinstance(s, SharedVariable) for s in shared)
    assert [s.name for s in shared] == ["W", "b", "n", None]
    assert [str(s.dtype) for s in shared] == ["float32", "float64", "int64", "float32"]
    assert shared[3].broadcastable == (True, False)
    for s, wanted in zip(shared, expected(version, "parameters"), strict=True):
        same(s.get_value(), wanted)
    shared[0].set_value(X[:, :2])
    same((shared[0] * 2).eval(), X[:, :2] * 2)


def test_values(version):
    array, number, integers, text, rng, options = read(version, "values")
    wanted = expected(version, "values")
    same(array, wanted[0])
    assert (number, integers.tolist(), text, options["b"].tolist()) == (0.5, [0, 1, 2], wanted[3], [True, False])
    assert rng.uniform() == np.random.RandomState(7).uniform()


def test_types_are_equal_to_those_of_today(version):
    read_types = read(version, "types")
    today = [T.fmatrix, T.TensorType("int8", (True, False)), theano.scalar.float32, theano.gof.generic]
    today += [sparse.SparseType("csr", "float32"), T.raw_random.random_state_type]
    assert read_types[:6] == today
    assert [hash(t) for t in read_types[:6]] == [hash(t) for t in today]
    assert [str(getattr(t, "dtype", None)) for t in read_types] == expected(version, "types")
    assert (float(read_types[6].eval()), read_types[7].name) == (2.5, "i")


def test_containers(version):
    model = read(version, "containers")
    same(model["cell"].value, expected(version, "containers"))
    assert isinstance(model["updates"], theano.OrderedUpdates)
    with theano.change_flags(floatX="float32"):
        f = theano.function([model["options"]], [model["options"].variable * 2], updates=model["updates"])
    assert f()[0] == pytest.approx(0.2)
    assert next(iter(model["updates"])).get_value() == 2


def test_functions_are_compiled_anew(version):
    f = read(version, "function")
    first, second, W = expected(version, "function")
    assert f.name == "train"
    same([f(X), f(X)], [first, second])
    same(next(s for s in f.get_shared() if s.name == "W").get_value(), W)


def test_functions_with_defaults(version):
    f = read(version, "function_with_defaults")
    assert [f()["twice"], f(step=5)["n"], f()["n"]] == expected(version, "function_with_defaults")


@pytest.mark.parametrize("case", ["streams", "streams_mrg"])
def test_random_numbers_go_on(version, case):
    model = read(version, case)
    f = theano.function([], model["outputs"], mode="FAST_COMPILE")
    for wanted in expected(version, case):
        for got, numbers in zip(f(), wanted, strict=True):
            same(got, numbers)
    model["srng"].seed(3)
    assert model["srng"].uniform((2,)).ndim == 1


def test_arrays_of_a_gpu_are_numpys(version):
    W, array = read(version, "on_gpu")
    wanted = expected(version, "on_gpu")
    assert type(array) is np.ndarray and type(W) is type(theano.shared(X))
    same(W.get_value(), wanted[0])
    same((W + 0).eval(), wanted[0])
    same(array, wanted[1])


def test_a_class_of_the_users_own(version):
    layer = read(version, "own_class")
    assert layer.params == [layer.W, layer.b] and layer.activation == T.tanh
    same(layer.W.get_value(), expected(version, "own_class"))


@pytest.mark.parametrize("case", CASES)
def test_plain_pickle_reads_them_too(version, case):
    activate()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # where NumPy and SciPy had their classes
            model = pickle.loads(content(version, case), encoding="latin1")
        if case == "graph":
            check_graph(model, expected(version, case))
    finally:
        deactivate()


def test_zip_files_of_theano(version):
    wanted = expected(version, "parameters")
    for load in (pickles.load, pkl_utils.load):
        with open(HERE / version / "model.zip", "rb") as file:
            for s, numbers in zip(load(file), wanted, strict=True):
                same(s.get_value(), numbers)


def ours():
    """A zip file of the drop-in, as real Theano has read one: see ``pickles/read_ours.py``."""
    W = theano.shared(np.arange(6, dtype="float32").reshape(3, 2), name="W")
    others = [theano.shared(np.zeros(2), name="b"), theano.shared(np.int64(3), name="n")]
    row = theano.shared(np.ones((1, 3), "float32"), broadcastable=(True, False), name="row")
    file = io.BytesIO()
    pkl_utils.dump({"params": [W, *others, row], "W": W, "rate": np.float32(0.5)}, file, protocol=2)
    return file


def test_zip_files_of_ours_are_the_ones_that_theano_has_read(version):
    written, recorded = zipfile.ZipFile(ours()), zipfile.ZipFile(HERE / "ours.zip")
    assert written.namelist() == recorded.namelist()
    for name in written.namelist():
        assert _meaning(written, name) == _meaning(recorded, name)
    assert b"pytensor" not in written.read("pkl")
    found = json.loads((HERE / version / "ours.json").read_text())
    params = pickles.load(HERE / "ours.zip")["params"]
    assert found["names"] == [s.name for s in params] and found["same"] and found["rate"] == 0.5
    for s, numbers in zip(params[1:], found["values"][1:], strict=True):
        same(s.get_value(), numbers)
    same(params[0].get_value() + 1, found["values"][0])


def _meaning(zip_file, name):
    """An array's bytes; of the pickle all names and texts, which it has once or twice as Python shares them."""
    content = zip_file.read(name)
    if name != "pkl":
        return content
    texts = {str(argument) for opcode, argument, _ in pickletools.genops(content) if "PUT" not in opcode.name}
    return {text for text in texts if not re.fullmatch(r"auto_\d+|\d+", text)}


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_what_is_pickled_today_but_graphs(protocol):
    weights = theano.shared(X, name="W", broadcastable=(False, False))
    rows = theano.shared(scipy.sparse.csr_matrix(X))
    model = {
        "params": [weights, rows],
        "types": [weights.type, rows.type],
        "symbols": [T.fmatrix("x"), T.constant(2.0)],
    }
    read = pickles.load(io.BytesIO(pickle.dumps(model, protocol)))
    same(read["params"][0].get_value(), X)
    same(read["params"][1].get_value(), X)
    assert read["params"][0].name == "W" and read["types"] == model["types"]
    assert read["symbols"][0].name == "x" and read["symbols"][1].data == 2


# ---- what is refused


class Evil:
    def __reduce__(self):
        return print, ("executed",)


@pytest.mark.parametrize("protocol", range(5))
def test_other_names_are_refused_and_nothing_is_run(protocol, capsys):
    with pytest.raises(
        pickle.UnpicklingError, match=r"asks for (builtins|__builtin__)\.print, .*allow=\[.*Nothing was"
    ):
        pickles.load(io.BytesIO(pickle.dumps([X, Evil()], protocol)))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "name",
    [
        *("os.system", "posix.system", "subprocess.Popen", "builtins.eval", "builtins.getattr", "__builtin__.apply"),
        *("numpy.load", "numpy.testing._private.utils.runstring", "pickle.loads", "functools.partial", "shelve.open"),
        *("theano.printing.Print", "theano.gof.op.COp", "theano.tensor.io.LoadFromDisk", "theano.tensor.LoadFromDisk"),
        *("theano.tensor.load", "theano.compile.ops.FromFunctionOp", "theano.tensor.basic.config", "theano.shared"),
        *(
            "theano.tensor.elemwise.ExternalCOp",
            "theano.gof.type.CDataType",
            "theano.misc.pkl_utils.load",
            "theano.nope",
        ),
    ],
)
def test_names_that_are_not_safe(name):
    module, _, own = name.rpartition(".")
    stream = f"c{module}\n{own}\n.".encode()
    with pytest.raises(pickle.UnpicklingError, match=re.escape(f"asks for {name}, which is not among the names")):
        pickles.load(io.BytesIO(stream))


def test_no_op_is_taken_as_it_was_pickled(monkeypatch):
    node = T.exp(T.dvector("x"))
    monkeypatch.setattr(node.owner.op, "nfunc_spec", ("os.system", 1, 1))  # the Op is shared: put back
    stream = pickle.dumps(node, 0).replace(b"pytensor.graph.basic\n", b"theano.gof.graph\n")
    for module in (b"tensor.elemwise", b"scalar.basic"):
        stream = stream.replace(b"pytensor." + module, b"theano." + module)
    assert b"os.system" in stream
    with pytest.raises(pickle.UnpicklingError, match="it has a node of a graph that Theano did not pickle"):
        pickles.load(io.BytesIO(stream))


def test_ops_of_a_gpu_are_read_and_say_so_when_computed():
    stream = b"ctheano.gpuarray.elemwise\nGpuElemwise\n."
    assert pickles.load(io.BytesIO(stream)).__name__ == "GpuElemwise"


def test_a_class_can_be_allowed_under_another_name(version):
    class Layer:
        pass

    layer = pickles.load(io.BytesIO(content(version, "own_class")), allow={"models.Layer": Layer})
    assert type(layer) is Layer and layer.W.name == "W"
    with pytest.raises(pickle.UnpicklingError, match=r'allow=\["models.Layer"\]'):
        pickles.load(io.BytesIO(content(version, "own_class")))


@pytest.mark.parametrize("case", ["parameters", "graph", "function"])
@pytest.mark.parametrize("share", [0, 0.3, 0.9, 0.999])
def test_truncated_pickles(version, case, share):
    whole = content(version, case)
    with pytest.raises(pickle.UnpicklingError, match=r"is not a whole pickle \(.*get the file again\. Nothing was"):
        pickles.load(io.BytesIO(whole[: int(share * len(whole))]))


def test_a_truncated_zip(tmp_path):
    (tmp_path / "half.zip").write_bytes((HERE / "ours.zip").read_bytes()[:700])
    with pytest.raises(pickle.UnpicklingError, match=r"half.zip is no zip file of theano.misc.pkl_utils"):
        pickles.load(tmp_path / "half.zip")


def test_what_is_no_pickle(tmp_path):
    with pytest.raises(pickle.UnpicklingError, match=r"is compressed: pass bz2\.open\(path\)"):
        pickles.load(HERE / "py37" / "graph.pkl.bz2")
    with pytest.raises(TypeError, match='open for text: open it with mode "rb"'):
        pickles.load(io.StringIO("text"))
    with pytest.raises(TypeError, match=r"allow takes names such as .module.Class., got 'Layer'"):
        pickles.load(HERE / "ours.zip", allow=["Layer"])
    with pytest.raises(pickle.UnpicklingError, match=r"not a whole pickle|cannot be read"):
        pickles.load(io.BytesIO(b"\x93NUMPY no pickle"))
    with pytest.raises(FileNotFoundError):
        pickles.load(tmp_path / "none.pkl")


def test_text_of_python_2_in_another_encoding():
    with pytest.raises(pickle.UnpicklingError, match='no ascii text: pass encoding="latin1"'):
        pickles.load(io.BytesIO(content("py27", "values")), encoding="ascii")


def test_a_loop_that_cannot_be_made_is_told_when_it_is_computed(monkeypatch):
    from ptembed.legacy import old_ops

    monkeypatch.setitem(old_ops.READERS, "Scan", lambda state: 1 / 0)
    model = read("py37", "loop")
    assert [p.name for p in model["params"]] == ["W"]
    with pytest.raises(NotImplementedError, match=r"a graph with .*Scan, which cannot be computed here .*parameters"):
        model["outputs"][0].eval({model["inputs"][0]: X}, mode="FAST_COMPILE")


def test_nothing_of_pytensors_is_changed_for_good():
    from pytensor.graph.basic import Apply, Variable

    read("py37", "parameters")
    assert "__setstate__" not in vars(Apply) and "__setstate__" not in vars(Variable)
    assert "theano" not in sys.modules
