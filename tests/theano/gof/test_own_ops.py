"""Ops that a program defines, in Theano's protocol."""

import warnings

import numpy as np
import pytensor
import pytest

import ptembed.theano as theano
import ptembed.theano.tensor as T
from ptembed.theano import change_flags, gof
from ptembed.theano.gof._protocol import in_theanos_protocol

LINKERS = ["py", "cvm", "numba"]
HAS_COMPILER = bool(pytensor.config.cxx)


class Double(theano.Op):
    """All of the protocol's optional methods."""

    __props__ = ("times",)

    def __init__(self, times=2):
        self.times = times

    def make_node(self, x):
        x = T.as_tensor_variable(x)
        return theano.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] * self.times

    def grad(self, inputs, output_grads):
        return [output_grads[0] * self.times]

    def R_op(self, inputs, eval_points):
        return [None if eval_points[0] is None else eval_points[0] * self.times]

    def infer_shape(self, node, shapes):
        return [shapes[0]]

    def do_constant_folding(self, node):
        return False


@pytest.mark.parametrize("linker", LINKERS)
def test_an_op_computes_and_is_differentiated_without_a_warning(linker):
    x = T.dvector("x")
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        warnings.simplefilter("error", DeprecationWarning)
        y = Double(3)(x) ** 2
        outputs = [y, theano.grad(y.sum(), x), theano.Rop(y, x, x), y.shape[0]]
    with change_flags(linker=linker), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y, gradient, moved, size = theano.function([x], outputs)([1.0, 2.0])
    np.testing.assert_allclose(y, [9, 36])
    np.testing.assert_allclose(gradient, [18, 36])
    np.testing.assert_allclose(moved, [18, 72])
    assert size == 2


def test_the_shape_is_found_without_computing():
    x = T.dmatrix("x")
    shape_of = theano.function([x], Double()(x).shape, mode="FAST_RUN")
    assert not any(isinstance(node.op, Double) for node in shape_of.maker.fgraph.toposort())


def test_props_make_ops_equal():
    assert Double(2) == Double(2) != Double(3)
    assert hash(Double(2)) == hash(Double(2))


def test_an_op_without_a_gradient_says_so():
    class Plain(theano.Op):
        __props__ = ()
        itypes, otypes = [T.dvector], [T.dvector]

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = inputs[0]

    x = T.dvector("x")
    with pytest.raises(NotImplementedError, match="define grad"):
        theano.grad(Plain()(x).sum(), x)
    np.testing.assert_array_equal(theano.function([x], Plain()(x), mode="FAST_COMPILE")([1.0]), [1.0])


def test_what_is_missing_is_method_not_defined():
    x = T.dvector("x")
    with pytest.raises(gof.MethodNotDefined, match="make_node"):
        theano.Op()(x)
    with pytest.raises(gof.MethodNotDefined, match="perform"):
        theano.Op().perform(None, [], [])


def test_all_ops_are_ops():
    x = T.dvector("x")
    assert isinstance((x + 1).owner.op, theano.Op) and isinstance((x + 1).owner.op, gof.PureOp)
    assert not isinstance((x + 1).owner.op, Double)
    assert issubclass(type(T.exp), theano.Op) and issubclass(Double, theano.Op)
    assert not isinstance(x, theano.Op)
    assert isinstance(x.type, theano.Type) and not isinstance(x, theano.Type)


class Increment(theano.Op):
    """An Op with C code alone."""

    __props__ = ()

    def make_node(self, x):
        return theano.Apply(self, [x], [x.type()])

    def c_headers(self):
        return ["<math.h>"]

    def c_support_code(self):
        return "static double one(void) { return 1.0; }"

    def c_code(self, node, name, inputs, outputs, sub):
        return f"{outputs[0]} = {inputs[0]} + one();"

    def c_code_cache_version(self):
        return (1,)


@pytest.mark.skipif(not HAS_COMPILER, reason="there is no C compiler")
@pytest.mark.parametrize("linker", LINKERS)
def test_an_op_with_c_code_alone_runs_under_each_linker(linker):
    x = theano.scalar.float64("x")
    with change_flags(linker=linker), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        function = theano.function([x], Increment()(x))
    assert function(2.0) == 3 and function(4.0) == 5


class Increased(theano.Op):
    """An Op with a parameter, which ``perform`` is called with."""

    __props__ = ("by",)
    params_type = gof.generic

    def __init__(self, by):
        self.by = by

    def get_params(self, node):
        return self.by

    def make_node(self, x):
        return theano.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage, params):
        output_storage[0][0] = inputs[0] + params


def test_perform_gets_the_parameters():
    x = T.dvector("x")
    assert theano.function([x], Increased(5.0)(x), mode="FAST_COMPILE")([1.0]) == [6]


class Flip(theano.Op):
    """An Op with two outputs, of which one depends on one input each."""

    __props__ = ()

    def make_node(self, x, y):
        return theano.Apply(self, [x, y], [y.type(), x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0], output_storage[1][0] = inputs[1].copy(), inputs[0].copy()

    def connection_pattern(self, node):
        return [[False, True], [True, False]]

    def grad(self, inputs, output_grads):
        return [output_grads[1], output_grads[0]]


def test_the_connection_pattern_counts():
    x, y = T.dvectors("x", "y")
    first, second = Flip()(x, y)
    with pytest.raises(theano.gradient.DisconnectedInputError):
        theano.grad(first.sum(), x)
    assert theano.grad(second.sum(), x).eval({x: [1.0], y: [1.0]}) == [1]


class Writes(theano.Op):
    """An Op that overwrites its input."""

    __props__ = ()
    destroy_map = {0: [0]}

    def make_node(self, x):
        return theano.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        inputs[0] += 1
        output_storage[0][0] = inputs[0]


def test_who_else_reads_a_destroyed_input_reads_it_before():
    x = T.dvector("x")
    with pytest.raises(TypeError, match="inplace"):
        theano.function([x], Writes()(x), mode="FAST_COMPILE")
    outputs = [Writes()(x), x * 2]
    function = theano.function([theano.In(x, mutable=True)], outputs, mode="FAST_COMPILE", accept_inplace=True)
    np.testing.assert_array_equal(function(np.zeros(2)), [[1, 1], [0, 0]])


def test_a_subclass_of_pytensors_op_may_define_grad():
    class Scaled(in_theanos_protocol(pytensor.compile.ops.ViewOp)):
        def grad(self, inputs, output_grads):
            return [output_grads[0] * 10]

    x = T.dscalar("x")
    assert theano.grad(Scaled()(x) * 2, x).eval({x: 1.0}) == 20
    assert isinstance(pytensor.compile.ops.view_op, in_theanos_protocol(pytensor.compile.ops.ViewOp))


class Words(theano.Type):
    """A type of lists of strings."""

    def filter(self, data, strict=False, allow_downcast=None):
        if not isinstance(data, list) or not all(isinstance(word, str) for word in data):
            raise TypeError(f"a list of words, got {data!r}")
        return data

    def __eq__(self, other):
        return type(self) is type(other)

    def __hash__(self):
        return hash(type(self))


class CountWords(theano.Op):
    __props__ = ()

    def make_node(self, words):
        return theano.Apply(self, [words], [T.lscalar()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = np.asarray(len(inputs[0]))


def test_a_type_of_ones_own():
    words = Words()("words")
    count = theano.function([words], CountWords()(words), mode="FAST_COMPILE")
    assert count(["a", "b"]) == 2
    with pytest.raises(TypeError):
        count("ab")
    assert Words().is_valid_value(["a"]) and not Words().is_valid_value(1)
    assert "a list of words" in Words().value_validity_msg(3)


def test_a_type_makes_variables_of_its_own_class():
    class WordsVariable(theano.Variable):
        pass

    class Listed(Words):
        Variable = WordsVariable

    assert type(Listed()("x")) is WordsVariable


def test_as_op():
    @theano.as_op(itypes=[T.dvector], otypes=[T.dscalar])
    def largest(x):
        return np.asarray(x.max())

    x = T.dvector("x")
    assert theano.function([x], largest(x), mode="FAST_COMPILE")([1.0, 3.0, 2.0]) == 3


SCALE_IN_C = """
#section support_code_struct

int APPLY_SPECIFIC(scale)(PyArrayObject* input, PyArrayObject** output, PARAMS_TYPE* params) {
    Py_XDECREF(*output);
    *output = (PyArrayObject*)PyArray_NewCopy(input, NPY_CORDER);
    for (npy_intp i = 0; i < PyArray_SIZE(*output); i++)
        ((npy_float64*)PyArray_DATA(*output))[i] *= params->by;
    return 0;
}
"""


class Scale(gof.COp):
    """An Op whose C code is in a file, with a parameter."""

    __props__ = ("by",)
    params_type = gof.ParamsType(by=theano.scalar.float64)

    def __init__(self, by, path):
        self.by = by
        super().__init__([path], "APPLY_SPECIFIC(scale)")

    def make_node(self, x):
        return theano.Apply(self, [x], [x.type()])

    def grad(self, inputs, output_grads):
        return [output_grads[0] * self.by]


@pytest.mark.skipif(not HAS_COMPILER, reason="there is no C compiler")
@pytest.mark.parametrize("linker", ["cvm", "py"])
def test_an_op_with_its_c_code_in_a_file(tmp_path, linker):
    (tmp_path / "scale.c").write_text(SCALE_IN_C)
    x = T.dvector("x")
    y = Scale(3.0, str(tmp_path / "scale.c"))(x)
    with change_flags(linker=linker):
        function = theano.function([x], [y, theano.grad(y.sum(), x)])
    np.testing.assert_array_equal(function([1.0, 2.0]), [[3, 6], [3, 3]])
