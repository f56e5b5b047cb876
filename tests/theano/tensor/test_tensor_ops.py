"""The Ops of the drop-in's own: shapes, gradients, and what Theano had no numbers for."""

import pickle

import numpy as np
import pytest


@pytest.fixture
def T(theano):
    with theano.change_flags(mode="FAST_COMPILE", floatX="float64"):
        yield theano.tensor


def compute(theano, inputs, outputs, *values):
    return theano.function(inputs, outputs, mode="FAST_COMPILE", on_unused_input="ignore")(*values)


d2 = np.arange(6.0).reshape(2, 3) / 2


@pytest.mark.parametrize("axis", [0, 1])
def test_join_and_split_along_a_symbolic_axis(theano, T, axis):
    x, k = T.dmatrix(), T.lscalar()
    joined = T.join(k, x, 2 * x)
    parts = T.split(joined, [1, joined.shape[k] - 1], 2, axis=k)
    got = compute(theano, [x, k], [joined, joined.shape, parts[1], parts[1].shape], d2, axis)
    want = np.concatenate([d2, 2 * d2], axis)
    np.testing.assert_array_equal(got[0], want)
    np.testing.assert_array_equal(got[1], want.shape)
    np.testing.assert_array_equal(got[2], np.split(want, [1], axis)[1])
    np.testing.assert_array_equal(got[3], got[2].shape)


def test_gradients_of_join_and_split_along_a_symbolic_axis(theano, T):
    rng = np.random.RandomState(0)
    T.verify_grad(lambda x, y: T.join(theano.shared(1), x, y), [d2, d2 + 1], rng=rng)
    T.verify_grad(lambda x: T.split(x, [1, 2], 2, axis=theano.shared(1))[1], [d2], rng=rng)


@pytest.mark.parametrize("axis", [0, -1, "symbolic"])
def test_the_op_of_a_join_is_join_(T, axis):
    x = T.dmatrix()
    op = T.join(T.lscalar() if axis == "symbolic" else axis, x, x).owner.op
    assert op == T.join_ and T.join_ == op and T.join_ == T.Join()
    assert isinstance(T.join_, T.Join)
    assert T.exp(x).owner.op != T.join_ and T.join_ != T.exp


def test_join_makes_what_join_makes(theano, T):
    x = T.dmatrix()
    assert compute(theano, [x], [T.join_(1, x, x)], d2)[0].shape == (2, 6)
    assert compute(theano, [x], [T.join_.make_node(0, x, x).outputs[0]], d2)[0].shape == (4, 3)


@pytest.mark.parametrize("inverse, want", [(0, [2.5, 0.0, 1.0]), (1, [1.0, 2.5, 0.0])])
def test_permutation_by_a_symbolic_direction(theano, T, inverse, want):
    x, k = T.dvector(), T.lscalar()
    permuted = T.permute_row_elements(x, [2, 0, 1], k)
    back = T.grad(T.dot(permuted, permuted[::-1]), x)
    values = np.array([0.0, 1.0, 2.5])
    got, gradient = compute(theano, [x, k], [permuted, back], values, inverse)
    np.testing.assert_array_equal(got, want)
    step = 1e-6 * np.eye(3)

    def cost(v):
        moved = compute(theano, [x, k], permuted, v, inverse)
        return moved @ moved[::-1]

    np.testing.assert_allclose(gradient, [(cost(values + e) - cost(values - e)) / 2e-6 for e in step], atol=1e-6)


@pytest.mark.parametrize(
    "op, values",
    [
        (lambda T: lambda x: T.Flatten(2)(x), [np.arange(12.0).reshape(2, 3, 2)]),
        (lambda T: lambda x: T.Mean(None)(x), [d2]),
        (lambda T: lambda x: T.Mean(1)(x), [d2]),
        (lambda T: lambda x: T.MaxAndArgmax([0, 1])(x)[0], [d2]),
        (lambda T: lambda x: T.MaxAndArgmax([1])(x)[0], [d2]),
        (lambda T: T.deg2rad, [d2]),
        (lambda T: T.rad2deg, [d2]),
        (lambda T: lambda x: T.chi2sf(x, 3.0), [d2 + 1]),
        (lambda T: lambda x: T.gammau(2.5, x), [d2 + 1]),
        (lambda T: lambda x: T.gammal(2.5, x), [d2 + 1]),
        (lambda T: lambda x: T.iv(2.0, x), [d2 + 1]),
        (lambda T: T.dot, [d2, d2.T]),
        (lambda T: lambda x: T.batched_dot(x, x), [np.arange(8.0).reshape(2, 2, 2)]),
    ],
)
def test_gradient(theano, T, op, values):
    T.verify_grad(op(T), values, rng=np.random.RandomState(1), abs_tol=1e-5, rel_tol=1e-5)


@pytest.mark.parametrize(
    "build, value",
    [
        (lambda T, x: T.Flatten(1)(x), d2),
        (lambda T, x: T.Tile(2)(x, [2, 3]), d2),
        (lambda T, x: T.MaxAndArgmax([0])(x)[1], d2),
        (lambda T, x: T.Mean(1)(x), d2),
        (lambda T, x: T.Tri()(x.shape[0], x.shape[1], 0), d2),
        (lambda T, x: T.permute_row_elements(x, T.constant([[2, 0, 1]]), x.shape[0]), d2),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_shape_without_the_value(theano, T, build, value):
    x = T.dmatrix()
    result = build(T, x)
    shape, array = compute(theano, [x], [result.shape, result], value)
    np.testing.assert_array_equal(shape, array.shape)


def test_the_r_operator_of_max_follows_the_largest_element(theano, T):
    x, dx = T.dmatrix(), T.dmatrix()
    moved = theano.Rop(T.MaxAndArgmax([1])(x)[0], x, dx)
    np.testing.assert_array_equal(compute(theano, [x, dx], moved, d2, 10 * d2 + 1), [11.0, 26.0])


def test_an_inplace_op_overwrites_its_first_input(theano):
    x = theano.tensor.dvector()
    mine = np.array([1.0, 2.0])
    exp_inplace = theano.tensor.inplace.exp_inplace
    theano.function([theano.In(x, mutable=True)], exp_inplace(x), accept_inplace=True, mode="FAST_COMPILE")(mine)
    np.testing.assert_allclose(mine, np.exp([1.0, 2.0]))


def test_load_reads_the_file_at_each_call(theano, T, tmp_path):
    path, name = str(tmp_path / "x.npy"), theano.gof.generic()
    f = theano.function([name], 2 * T.load(name, "float64", (False,)), mode="FAST_COMPILE")
    np.save(path, np.arange(3.0))
    np.testing.assert_array_equal(f(path), [0, 2, 4])
    np.save(path, np.arange(4.0))
    np.testing.assert_array_equal(f(path), [0, 2, 4, 6])
    np.save(path, np.arange(4))
    with pytest.raises(TypeError, match="Expected an array of type float64, got int64"):
        f(path)


def test_the_gradient_of_a_complex_angle_raises_instead_of_being_zero(theano, T):
    z = T.zscalar()
    with pytest.raises((NotImplementedError, TypeError, theano.gradient.NullTypeGradError)):
        T.grad(T.angle(z), z)


def test_a_long_python_int_does_not_overflow(theano, T):
    assert T.constant(2**63).data == 2**63
    assert T.as_tensor_variable(2**63).dtype == "uint64"


def test_a_class_derived_from_tensor_type_is_a_type_of_its_own(theano, T):
    class Mine(T.TensorType):
        pass

    mine = Mine("float64", (True, False))
    assert isinstance(mine, T.TensorType) and not isinstance(T.dmatrix, Mine)
    assert mine().type.broadcastable == (True, False)
    assert mine.clone(dtype="int8").dtype == "int8"


@pytest.mark.parametrize("name", ["MPIRecv", "opt_uncanonicalize"])
def test_a_name_that_is_gone_says_why(theano, T, name):
    with pytest.raises(NotImplementedError, match=f"{name} is gone.*; use "):
        getattr(T, name)


def test_rewrites_under_their_old_names(theano, T):
    assert T.opt.local_mul_zero is T.opt.local_mul_zero
    with pytest.raises(NotImplementedError, match="local_op_of_op is gone"):
        T.opt.local_op_of_op  # noqa: B018


def test_star_import_gives_the_modules_that_it_gave(theano):
    names = {}
    exec("from theano.tensor import *", names)
    assert names["theano"] is theano
    assert names["compile"] is theano.compile
    assert names["sum"] is theano.tensor.sum


@pytest.mark.filterwarnings("error:Numba will use object mode")
def test_x_log_x_has_a_numba_kernel(theano):
    x = theano.tensor.dvector()
    values = np.array([0.0, 1.0, 2.5])
    outputs = [theano.tensor.xlogx.xlogx(x), theano.tensor.xlogx.xlogy0(x, x + 1)]
    got = theano.function([x], outputs, mode=theano.compile.Mode("numba"))(values)
    np.testing.assert_allclose(got[0], [0.0, 0.0, 2.5 * np.log(2.5)])
    np.testing.assert_allclose(got[1], [0.0, np.log(2.0), 2.5 * np.log(3.5)])


def test_lengths_that_cannot_fit_are_an_error_when_the_graph_is_made(theano, T):
    with pytest.raises(ValueError):
        T.dot(T.constant(d2), T.constant(d2))


def test_either_op_of_a_maximum_counts_as_max_and_argmax(theano, T):
    for v in T.max_and_argmax(T.dmatrix(), axis=1):
        assert isinstance(v.owner.op, T.MaxAndArgmax)
    assert not isinstance((-T.dmatrix()).owner.op, T.MaxAndArgmax)


def test_elementwise_ops_are_equal_to_those_of_operators_whatever_their_text(theano, T):
    x = T.dmatrix()
    for named, operator in ((T.add, x + x), (T.mul, x * x), (T.abs_, abs(x)), (T.true_div, x / x), (T.lt, x < x)):
        assert named == operator.owner.op
        assert hash(named) == hash(operator.owner.op)
    assert str(T.true_div) == "Elemwise{true_div,no_inplace}"
    assert str((x / x).owner.op) == "True_div"


def test_symbolic_vectors_and_constants_as_shapes_and_repetitions(theano, T):
    np.testing.assert_array_equal(compute(theano, [], T.zeros(T.constant([2, 1]))), np.zeros((2, 1)))
    np.testing.assert_array_equal(compute(theano, [], T.tile(d2, (T.constant(2), 1))), np.tile(d2, (2, 1)))


def test_shared_variables_and_constants_are_not_tensor_variables(theano, T):
    x = T.dmatrix()
    assert isinstance(x, T.TensorVariable) and isinstance(x + 1, T.TensorVariable)
    for other in (theano.shared(1.0), T.constant(1.0), theano.shared([1]), 1.0):
        assert not isinstance(other, T.TensorVariable)


def test_the_class_of_variables_is_tensor_variable(theano, T):
    kind = type(T.dmatrix())
    assert kind == T.TensorVariable and kind in {T.TensorVariable} and issubclass(kind, T.TensorVariable)
    assert type(T.TensorVariable(T.dvector)) is kind
    assert type(theano.shared(1.0)) not in {T.TensorVariable}
    assert pickle.loads(pickle.dumps(T.TensorVariable)) is T.TensorVariable


def test_a_class_derived_from_tensor_variable_is_one_of_its_own(T):
    class Marked(T.TensorVariable):
        pass

    marked = Marked(T.dvector, None)
    assert isinstance(marked, Marked) and isinstance(marked, T.TensorVariable)
    assert not isinstance(T.dvector(), Marked) and Marked != T.TensorVariable


def test_a_named_constant_keeps_its_name(theano, T):
    assert T.constant(1, name="one").name == "one"
    assert T.tensor("float64", (False,), "q").name == "q"


@pytest.mark.filterwarnings("ignore")
def test_the_reductions_of_one_op_are_the_same_with_numba(theano):
    T, x = theano.tensor, theano.tensor.dmatrix()
    outputs = [T.Mean(None)(x), T.Mean(1)(x), *T.MaxAndArgmax([1])(x), T.Dot()(x, x.T)]
    want = [d2.mean(), d2.mean(axis=1), d2.max(axis=1), d2.argmax(axis=1), d2 @ d2.T]
    for got, value in zip(theano.function([x], outputs, mode=theano.compile.Mode("numba"))(d2), want, strict=True):
        np.testing.assert_allclose(got, value)


def test_a_class_made_from_dot_keeps_its_own_gradient(theano, T):
    class Sevenfold(T.Dot):
        def grad(self, inputs, gradients):
            return [7 * x for x in inputs]

    x, y = T.dmatrices("x", "y")
    gradient = theano.grad(Sevenfold()(x, y).sum(), x)
    np.testing.assert_array_equal(theano.function([x], gradient)(np.ones((2, 2))), np.full((2, 2), 7))
    with pytest.raises(NotImplementedError, match="multiplies matrices only"):
        Sevenfold()(x, T.dvector())
