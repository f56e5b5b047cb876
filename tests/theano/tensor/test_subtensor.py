"""Rows, parts and their writes, where PyTensor alone would differ."""

import numpy as np
import pytest

TABLE = np.arange(6.0).reshape(3, 2)


@pytest.fixture(params=["py", "cvm"])
def function(theano, request):
    with theano.change_flags(linker=request.param):
        yield theano.function


@pytest.fixture
def T(theano):
    return theano.tensor


def test_a_value_of_one_row_is_written_to_one_row(function, T):
    M, N, idx = T.dmatrix(), T.dmatrix(), T.lvector()
    f = function([M, idx, N], T.inc_subtensor(M[idx], N * 2))
    np.testing.assert_array_equal(f(TABLE, [1], np.ones((1, 2))), [[0, 1], [4, 5], [4, 5]])
    np.testing.assert_array_equal(f(TABLE, [1, 1], np.ones((2, 2))), [[0, 1], [6, 7], [4, 5]])


@pytest.mark.parametrize("write", ["set_subtensor", "inc_subtensor"])
def test_a_value_known_to_be_one_row_is_written_to_several(function, T, write):
    M, N, idx = T.dmatrix(), T.dmatrix(), T.lvector()
    f = function([M, idx, N], getattr(T, write)(M[idx], T.addbroadcast(N, 0)))
    start = TABLE * (write == "inc_subtensor")
    expected = TABLE.copy()
    expected[[0, 2]] = start[[0, 2]] + [[5, 7]]
    np.testing.assert_array_equal(f(TABLE, [0, 2], [[5.0, 7.0]]), expected)


def test_several_rows_cannot_go_where_one_must(function, T):
    column, v = T.dcol(), T.dvector()
    f = function([column, v], T.set_subtensor(column[1], v))
    np.testing.assert_array_equal(f(np.zeros((2, 1)), [3.0]), [[0.0], [3.0]])
    with pytest.raises(ValueError):
        f(np.zeros((2, 1)), [3.0, 4.0])


def test_the_kinds_of_parts_are_told_apart_in_compiled_functions_too(theano, T):
    M, idx = T.dmatrix(), T.lvector()
    for linker in ("py", "cvm"):
        with theano.change_flags(linker=linker):
            f = theano.function([M, idx], T.inc_subtensor(M[idx], 1.0))
        ops = [node.op for node in f.maker.fgraph.apply_nodes]
        assert any(isinstance(op, T.AdvancedIncSubtensor1) for op in ops)
        assert not any(isinstance(op, T.AdvancedSubtensor1 | T.IncSubtensor) for op in ops)


def test_a_subclass_of_a_face_is_a_class_of_its_own(T):
    class Own(T.AdvancedSubtensor1):
        pass

    assert isinstance(Own(), Own)
    assert not isinstance(T.dmatrix()[T.lvector()].owner.op, Own)


def test_a_number_in_the_list_of_an_op_is_refused_by_name(T):
    with pytest.raises(TypeError, match="must be symbolic, got the number 3"):
        T.Subtensor.convert(slice(None, 3))
