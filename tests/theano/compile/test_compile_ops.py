"""Ops of Python functions, shared variables of the user's kinds, and names that are gone."""

import numpy as np
import pytest

import ptembed.theano.compile as c
from ptembed.theano import change_flags, function, shared
from ptembed.theano import tensor as T
from ptembed.theano.compile.sharedvalue import SharedVariable, generic, shared_constructor

m, v = T.dmatrix("m"), T.dvector("v")


def test_the_shape_of_a_python_function_may_be_known():
    calls = []

    @c.as_op([T.dmatrix, T.dvector], T.dvector, lambda node, shapes: [shapes[1]])
    def added(a, b):
        calls.append(1)
        return a.sum() + b

    with change_flags(linker="py"):
        assert function([m, v], added(m, v).shape)(np.ones((2, 2)), [1, 2, 3]).tolist() == [3]
        assert not calls
        assert function([m, v], added(m, v))(np.ones((2, 2)), [1, 2]).tolist() == [5, 6]


@pytest.mark.parametrize("arguments", [(3, T.dvector), (T.dvector, [T.dvector, 3]), (T.dvector, T.dvector, 3)])
def test_types_must_be_types(arguments):
    with pytest.raises(TypeError):
        c.as_op(*arguments)


def test_names_that_are_gone_say_so():
    with pytest.raises(NotImplementedError, match=r"register_rebroadcast_c_code is gone: .*; use"):
        _ = c.register_rebroadcast_c_code
    with pytest.raises(AttributeError, match="defined none either"):
        _ = c.never_was
    assert not hasattr(c.ops, "register_specify_shape_c_code")


def test_shared_takes_any_object():
    assert shared([1, 2]).type == shared(None).type == shared(np.array([None, 1])).type == generic
    assert shared(np.ones((1, 2)), broadcastable=(True, False)).broadcastable == (True, False)
    with pytest.raises(TypeError, match="No suitable SharedVariable constructor"):
        shared(3, foo=1)
    with pytest.raises(TypeError, match="not symbolic"):
        shared(m)


def test_a_constructor_of_the_users_is_asked_first():
    @shared_constructor
    def of_sets(value, name=None, strict=False, allow_downcast=None):
        if not isinstance(value, set):
            raise TypeError
        return SharedVariable(type=generic, value=sorted(value), name=name, strict=strict)

    try:
        assert shared({2, 1}).get_value() == [1, 2]
        assert shared(1.5).type == T.dscalar
    finally:
        shared_constructor(of_sets, remove=True)
    assert shared({2, 1}).get_value() == {1, 2}
