"""Random numbers of MRG31k3p: against big integers, and the kernel against ``perform``."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from ptembed.ops.mrg31k3p import M1, M2, Uniform, advance, floats, jump, jump_matrices, streams

SEED = np.array([1, 20, 300, 4000, 50000, 2147462578], dtype="int32")


def twin(state, count):
    """Draw from one stream as the paper's recurrences say, in Python's integers."""
    x3, x2, x1 = (int(v) for v in state[2::-1])
    y3, y2, y1 = (int(v) for v in state[:2:-1])
    drawn = []
    for _ in range(count):
        x1, x2, x3 = (2**22 * x2 + (2**7 + 1) * x3) % M1, x1, x2
        y1, y2, y3 = (2**15 * y1 + (2**15 + 1) * y3) % M2, y1, y2
        drawn.append((x1 - y1 if x1 > y1 else x1 - y1 + M1) / 2**31)
    return drawn


def compiled(dtype, ndim, linker, inplace=False):
    states, size = pt.imatrix(), pt.lvector()
    outputs = Uniform(pt.TensorType(dtype, (None,) * ndim), inplace)(states, size)
    inputs = [pytensor.In(states, mutable=inplace), size]
    return pytensor.function(inputs, outputs, mode=pytensor.compile.Mode(linker, None), accept_inplace=inplace)


def test_one_stream_is_the_recurrences():
    states, drawn = SEED[None], []
    for _ in range(50):
        states = advance(states)
        drawn += floats(states, "float64").tolist()
    assert drawn == twin(SEED, 50)


def test_jump_is_many_steps():
    stepped = SEED[None]
    for _ in range(2**5):
        stepped = advance(stepped)
    assert np.array_equal(jump(SEED, 5), stepped[0])
    assert np.array_equal(jump(jump(SEED, 72), 72), jump(SEED, 73))


def test_jump_of_the_paper():
    """L'Ecuyer, Simard, Chen and Kelton (2002) give the matrices of their streams."""
    assert jump_matrices(72)[0][0].tolist() == [1516919229, 758510237, 499121365]
    assert jump_matrices(134)[1][2].tolist() == [1401213391, 1178684362, 1431130166]


def test_streams_are_spaced():
    starts = streams(SEED, 5)
    assert np.array_equal(starts[0], SEED)
    assert np.array_equal(starts[1:], jump(starts[:-1], 72))


@pytest.mark.parametrize("linker", ["py", "numba"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_number_i_is_of_stream_i_modulo_n(linker, dtype):
    starts = streams(SEED, 3)
    after, numbers = compiled(dtype, 2, linker)(starts, [2, 4])
    expected = np.array([twin(start, 3) for start in starts]).T.ravel()[:8]
    assert numbers.shape == (2, 4) and numbers.dtype == dtype
    assert np.allclose(numbers.ravel(), expected, rtol=2e-7 if dtype == "float32" else 0, atol=0)
    assert np.array_equal(after[2], advance(advance(starts[2:]))[0])
    assert np.array_equal(starts, streams(SEED, 3))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [(), (0,), (5, 1), (700,)], ids=str)
def test_kernel_is_perform(dtype, size):
    results = [compiled(dtype, len(size), linker)(streams(SEED, 16), list(size)) for linker in ("py", "numba")]
    for a, b in zip(*results, strict=True):
        assert a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b)


@pytest.mark.parametrize("linker", ["py", "numba"])
def test_in_place(linker):
    states = streams(SEED, 2)
    expected = compiled("float64", 1, linker)(states, [5])
    after, numbers = compiled("float64", 1, linker, inplace=True)(states, [5])
    assert np.array_equal(numbers, expected[1])
    assert np.array_equal(states, expected[0]) and np.array_equal(after, states)


def test_no_float_is_0_or_1():
    """The extreme differences 1 and M1, where float32 would round up to 1."""
    states = np.array([[1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]], dtype="int32")
    for dtype in ("float16", "float32", "float64"):
        numbers = floats(states, dtype)
        assert numbers.dtype == dtype and (numbers > 0).all() and (numbers < 1).all()


@pytest.mark.parametrize("linker", ["py", "numba"])
@pytest.mark.parametrize("size", [[2**31], [2**16, 2**16], [2**32, 2**32]], ids=str)
def test_too_many_are_refused(linker, size):
    with pytest.raises(ValueError, match="more than 2\\*\\*31 - 1"):
        compiled("float32", len(size), linker)(streams(SEED, 1), size)


@pytest.mark.parametrize("linker", ["py", "numba"])
def test_negative_length_is_refused(linker):
    with pytest.raises(ValueError, match="0 or more"):
        compiled("float32", 1, linker)(streams(SEED, 1), [-1])


def test_kinds_are_checked():
    op = Uniform(pt.TensorType("float64", (None,)))
    with pytest.raises(TypeError, match="int32 matrix"):
        op(pt.lmatrix(), [3])
    with pytest.raises(TypeError, match="vector of integers"):
        op(pt.imatrix(), [3.0])
    with pytest.raises(TypeError, match="got int64"):
        Uniform(pt.TensorType("int64", (None,)))(pt.imatrix(), [3])


def test_shape_and_gradient():
    states, size = pt.imatrix(), pt.lvector()
    new, numbers = Uniform(pt.TensorType("float64", (None, None)))(states, size)
    shapes = pytensor.function([states, size], [numbers.shape, new.shape])
    assert not any(isinstance(node.op, Uniform) for node in shapes.maker.fgraph.apply_nodes)
    assert [v.tolist() for v in shapes(streams(SEED, 4), [3, 5])] == [[3, 5], [4, 6]]
    assert Uniform(pt.TensorType("float64", (None, None)))(states, [3, 1])[1].type.shape == (None, 1)
    with pytest.raises(pytensor.gradient.NullTypeGradError):
        pytensor.grad(numbers.sum(), size)
