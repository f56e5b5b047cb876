"""Pickles that were made to run something, or to break the interpreter: each is refused, and nothing has run."""

import bz2
import copyreg
import importlib
import io
import os
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from fault_formats import PICKLES

import ptembed.theano as theano
from ptembed.legacy import old_graphs, pickles
from ptembed.legacy.old_ops import refuse_code

NAMES = Path(__file__).with_name("gadgets.txt").read_text().split()
DOTTED = [
    *("compile.os.system", "tensor.basic.np.load", "config", "tensor.TensorType.__init__.__globals__"),
    *("gof.Op.__subclasses__", "compile.function_module.Function.__call__", "sparse.basic.scipy.os.system"),
]


def load(stream):
    return pickles.load(io.BytesIO(stream))


def short(text):
    return pickle.SHORT_BINUNICODE + bytes([len(text)]) + text.encode()


def refused(stream, what="is refused|asks for"):
    with pytest.raises(pickles.RefusedError, match=what):
        load(stream)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_runs_something_is_refused_by_its_name(name):
    module, _, own = name.rpartition(".")
    called = f"c{module}\n{own}\n(S'ptembed'\ntR.".encode()
    instance = f"(S'ptembed'\ni{module}\n{own}\n.".encode()
    stacked = b"\x80\x04" + short(module) + short(own) + pickle.STACK_GLOBAL + short("ptembed") + b"\x85R."
    for stream in (called, instance, stacked):
        refused(stream, f"asks for {name}, which is not among the names")


@pytest.mark.parametrize(
    "module", ["theano", "ptembed.theano", "theano.tensor", "numpy", "builtins", "pytensor.tensor"]
)
@pytest.mark.parametrize("name", DOTTED)
def test_dotted_names_reach_nothing(module, name):
    refused(b"\x80\x04" + short(module) + short(name) + pickle.STACK_GLOBAL + b".", f"asks for {module}.{name}, which")


def test_no_module_is_reached_through_one_that_is_admitted():
    """Whatever the drop-in's modules import: no module, no function of another library."""
    for module in ("theano", "theano.tensor", "theano.tensor.basic", "theano.compile.function_module", "theano.scalar"):
        served = vars(importlib.import_module(f"ptembed.{module}"))
        imported = [name for name, value in served.items() if isinstance(value, ModuleType) or is_pythons(value)]
        assert imported
        for name in imported:
            refused(f"c{module}\n{name}\n.".encode(), f"asks for {module}.{name}, which")


def is_pythons(value):
    return callable(value) and getattr(value, "__module__", "") in sys.stdlib_module_names


def test_extension_codes_are_refused_also_those_that_were_used():
    copyreg.add_extension("os", "system", 240)
    try:
        copyreg._extension_cache[240] = os.system
        for code in (b"\x82\xf0", b"\x83\xf0\x00", b"\x84\xf0\x00\x00\x00"):
            refused(b"\x80\x02" + code + b"(S'true'\ntR.", "has a name that this process has numbered, 240")
    finally:
        copyreg.remove_extension("os", "system", 240)
        copyreg._extension_cache.pop(240, None)


def test_persistent_ids_outside_of_a_zip_are_refused():
    for stream in (b"Pndarray.W\n.", b"(S'ndarray.W'\nQ."):
        with pytest.raises(pickle.UnpicklingError, match="refers to an array outside of it, ndarray"):
            load(stream)


CLASSES = [
    "theano.tensor.type\nTensorType",
    "theano.gof.graph\nVariable",
    "theano.compile.mode\nMode",
    "numpy\nfloat64",
]


@pytest.mark.parametrize("name", [*CLASSES, "theano.tensor.sharedvar\nload_shared_variable", "builtins\ndict"])
def test_attributes_of_what_all_have_are_not_set(name):
    before = dict(vars(theano.tensor.TensorType)), theano.tensor.TensorType.filter
    for state in (b"(dS'filter'\nI1\ns", b"N(dS'filter'\nI1\ns\x86"):
        refused(f"c{name}\n".encode() + state + b"b.", "gives attributes to .*, which others have too")
    assert before == (dict(vars(theano.tensor.TensorType)), theano.tensor.TensorType.filter)


@pytest.mark.parametrize("attribute", ["__class__", "__dict__"])
def test_no_object_gets_another_class(attribute):
    made = b"ctheano.gof.utils\nscratchpad\n)R"
    refused(
        made + b"N(dS'" + attribute.encode() + b"'\nctheano.gof.graph\nVariable\ns\x86b.",
        f"sets the attribute {attribute}",
    )


ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
FIELD = b"(dS'a'\n(cnumpy\ndtype\n(S'O8'\nI0\nI1\ntRI0\nts"
OBJECTS = b"cnumpy\ndtype\n(S'V8'\nI0\nI1\ntR(I3\nS'|'\nN(S'a'\nt" + FIELD + b"I8\nI1\nI0\ntb"


def state_of_array(dtype, content=b"abcdefgh"):
    return b"(I1\n(I1\nt" + dtype + b"I00\n" + pickle.SHORT_BINBYTES + bytes([len(content)]) + content + b"t"


ADDRESSES = {
    "ndarray called with a buffer": b"cnumpy\nndarray\n((I1\ntS'O'\nC\x08abcdefghtR.",
    "ndarray made by NEWOBJ": b"\x80\x02cnumpy\nndarray\n(I1\nt\x85\x81.",
    "ndarray made by __newobj__": b"ccopy_reg\n__newobj__\n(cnumpy\nndarray\n(I1\ntS'O'\nC\x08abcdefghtR.",
    "a dtype of objects that says it has none": ARRAY + state_of_array(OBJECTS) + b"b.",
    "an array of objects of bytes": ARRAY + state_of_array(b"cnumpy\ndtype\n(S'O8'\nI0\nI1\ntR") + b"b.",
    "an array that gets its values twice": ARRAY
    + state_of_array(b"cnumpy\ndtype\n(S'V8'\nI0\nI1\ntR")
    + b"b"
    + state_of_array(b"cnumpy\ndtype\n(S'V8'\nI0\nI1\ntR")
    + b"b.",
    "another class of arrays": b"cnumpy.core.multiarray\n_reconstruct\n(cbuiltins\nlist\n(I0\ntS'b'\ntR.",
    "an encoding that is no text": b"c_codecs\nencode\n(Vabc\nS'zlib'\ntR.",
}


@pytest.mark.parametrize("stream", ADDRESSES.values(), ids=ADDRESSES)
def test_bytes_do_not_become_addresses(stream):
    with pytest.raises(pickle.UnpicklingError):
        load(stream)


def test_a_dtype_is_not_changed_below_its_arrays():
    """The state of a dtype makes another one: the array that has the first keeps it."""
    dtype = b"cnumpy\ndtype\n(S'V8'\nI0\nI1\ntRp1\n"
    made = load(
        b"(l" + dtype + b"a" + ARRAY + state_of_array(b"g1\n") + b"ba" + b"g1\n(I3\nS'|'\nNNNI800\nI1\nI0\ntba."
    )
    assert [made[0].itemsize, made[1].dtype.itemsize, made[2].itemsize] == [8, 8, 800]
    load(b"cnumpy\ndtype\n(S'f8'\nI0\nI0\ntR(I3\nS'>'\nNNNI-1\nI-1\nI0\ntb.")
    assert np.dtype("f8").byteorder == "="


@pytest.mark.parametrize(
    "dtype", ["f8", ">f4", "S5", "U5", "V3", "M8[D]", "m8[5us]", "?", "O", [("a", "f4"), ("b", "i8", 2)]]
)
@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_dtypes_are_what_they_were(dtype, protocol):
    array = np.zeros(3, dtype)
    stream = pickle.dumps([array, array.dtype, np.asfortranarray(np.ones((2, 2)))], protocol)
    for ours, plain in zip(load(stream), pickle.loads(stream), strict=True):
        assert getattr(ours, "dtype", ours) == getattr(plain, "dtype", plain)
        assert getattr(ours, "flags", 0) == getattr(plain, "flags", 0)
        np.testing.assert_array_equal(ours, plain)


class Reduced:
    """Pickled as it is told."""

    def __init__(self, *parts):
        self.parts = parts

    def __reduce__(self):
        return self.parts


def test_a_random_state_of_theanos_stands_within_its_block():
    *_, state = np.random.RandomState(1).__reduce__()
    state["state"]["pos"] = 10**6
    with pytest.raises(pickle.UnpicklingError, match=r"within its block of bits|position must be between"):
        load(pickle.dumps(Reduced(np.random._pickle.__randomstate_ctor, ("MT19937",), state)))
    state["state"]["pos"] = 624
    read = load(pickle.dumps(Reduced(np.random._pickle.__randomstate_ctor, ("MT19937",), state)))
    assert read.uniform() == np.random.RandomState(1).uniform()


def test_a_sparse_matrix_has_its_places_within_its_shape():
    import scipy.sparse as sp

    for kind in (sp.csr_matrix, sp.csc_matrix, sp.csr_array):
        matrix = kind(np.eye(3))
        matrix.indices[1] = 10**6
        with pytest.raises(pickle.UnpicklingError):
            load(pickle.dumps(matrix))


BOMBS = {
    "a memo of 2 ** 31 places": b"\x80\x02]r\xff\xff\xff\x7f.",
    "a text of 2 ** 62 bytes": b"\x80\x04\x8d" + (2**62).to_bytes(8, "little") + b"a.",
    "bytes of 2 ** 62": b"\x80\x04\x8e" + (2**62).to_bytes(8, "little") + b"a.",
    "a bytearray of 2 ** 40": b"\x80\x05\x96" + (2**40).to_bytes(8, "little") + b"a.",
    "a frame of 2 ** 62": b"\x80\x04\x95" + (2**62).to_bytes(8, "little") + b"N.",
    "a number of 2 ** 30 bytes": b"\x80\x02\x8b" + (2**30).to_bytes(4, "little") + b"a.",
}


def test_sizes_that_a_pickle_says_take_no_memory():
    program = f"""
import io, pickle, resource
import ptembed.theano
from ptembed.legacy import pickles
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for stream in {list(BOMBS.values())!r}:
    try:
        pickles.load(io.BytesIO(stream))
    except pickle.UnpicklingError:
        pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 50_000  # KiB


CODE = "float32'); __import__('os').system('true') #"
TEXTS = [{"dtype": CODE}, {"acc_dtype": ("float32", CODE)}, {"axis": b"a\nb"}, {"dtype": {"a": [CODE]}}]


@pytest.mark.parametrize("attributes", TEXTS)
def test_no_text_of_an_op_becomes_code(attributes):
    """Compilers write the names of dtypes, modes and the like into what they compile."""
    op, outer = theano.tensor.elemwise.Sum(), theano.tensor.elemwise.Elemwise(theano.scalar.add)
    refuse_code(outer)
    vars(op).update(attributes)
    vars(outer)["scalar_op"] = op
    for bad in (op, outer):
        with pytest.raises(ValueError, match="must be a word, got"):
            refuse_code(bad)


def test_a_message_is_no_word_and_no_code():
    op = theano.tensor.opt.Assert("x must be > 0 (it's not); give others")
    refuse_code(op)
    op.msg = 'no\\"); abort(); //'
    with pytest.raises(ValueError, match="its attribute msg must be a word"):
        refuse_code(op)


def test_an_op_with_a_text_that_is_code_is_not_made(monkeypatch):
    content = bz2.decompress((PICKLES / "py37" / "graph.pkl.bz2").read_bytes())
    seen = []
    monkeypatch.setattr(old_graphs, "refuse_code", lambda op: seen.append(op) or refuse_code(op))
    assert load(content) and seen
    monkeypatch.setattr(old_graphs, "refuse_code", lambda op: 1 / 0)
    outputs = load(content)["outputs"]
    assert any(isinstance(variable.owner.op, old_graphs.Unread) for variable in outputs)
