"""Copies of graphs with other variables in them, in loops too."""

import numpy as np
import pytest

from ptembed.theano import OpFromGraph, change_flags, function, scan, shared
from ptembed.theano import tensor as T
from ptembed.theano.scan_module import scan_utils
from ptembed.theano.scan_module.scan_utils import clone, map_variables


@pytest.fixture(autouse=True)
def flags():
    with change_flags(linker="py", floatX="float64"):
        yield


def as_tagged(var):
    return getattr(var.tag, "replacement", var)


def test_map_variables_replaces_inputs_and_results():
    a, b, c = T.dscalars("a", "b", "c")
    product = a * b
    product.tag.replacement = a + c
    (new,) = map_variables(as_tagged, [T.exp(product) * product])
    value = function([a, c], new)(1.0, 2.0)
    np.testing.assert_allclose(value, 3 * np.exp(3))


def test_map_variables_lets_a_replacement_hold_what_it_replaces():
    a = T.dscalar("a")
    square = a**2
    square.tag.replacement = square + 1
    a.tag.replacement = 2 * a
    (new,) = map_variables(as_tagged, [square])
    assert function([a], new)(3.0) == 37


def test_map_variables_inside_a_loop():
    x, outer, s = T.dvector("x"), T.dscalar("outer"), shared(1.0)

    def step(x_t, total):
        result = total + x_t
        result.tag.replacement = outer * s * (total - x_t)
        return result

    sums, _ = scan(step, x, T.constant(0.0, dtype="float64"))
    (new,) = map_variables(as_tagged, [2 * sums])
    assert function([x, outer], new)([1.0, 2.0, 3.0], 1.0).tolist() == [-2, -6, -12]
    assert function([x], 2 * sums)([1.0, 2.0, 3.0]).tolist() == [2, 6, 12]


def test_map_variables_inside_a_loop_of_many_states():
    x, z = T.dvector("x"), T.dscalar("z")

    def step(x_t, a1, b2, b1):
        result = b2 + b1 + x_t
        result.tag.replacement = b2 - a1 + x_t * z
        return a1 + x_t, result

    infos = [T.constant(0.0, dtype="float64"), {"initial": T.constant([10.0, 20.0]), "taps": [-2, -1]}]
    (_, b), _ = scan(step, x, infos)
    (new,) = map_variables(as_tagged, [b])
    assert function([x, z], new)([1.0, 2.0, 3.0], 100.0).tolist() == [110, 219, 407]


def test_map_variables_keeps_a_loop_of_two_outputs_one_loop():
    x, y, z = T.dvector("x"), T.dscalar("y"), T.dscalar("z")
    (a, b), _ = scan(lambda x_t: [x_t * y, x_t + y], x)
    new = map_variables(lambda v: z if v is y else v, [a, b])
    assert new[0].owner is new[1].owner
    assert [out.tolist() for out in function([x, z], new)([1.0, 2.0], 3.0)] == [[3, 6], [4, 5]]
    assert map_variables(as_tagged, [a, b]) == [a, b]


def test_map_variables_inside_an_op_of_a_graph():
    a, b, outer, c, d = T.dscalars("a", "b", "outer", "c", "d")
    result = a + b
    result.tag.replacement = outer * (a - b)
    (new,) = map_variables(as_tagged, [2 * OpFromGraph([a, b], [result])(c, d)])
    assert function([c, d, outer], new)(5.0, 3.0, 10.0) == 40


def test_map_variables_refuses_an_update_in_a_loop():
    counter = shared(0.0)
    counter.default_update = counter + 1

    def step(x_t):
        result = x_t * 2
        result.tag.replacement = counter * x_t
        return result

    doubled, _ = scan(step, T.dvector("x"))
    with pytest.raises(NotImplementedError, match="shared variable that has an update"):
        map_variables(as_tagged, [doubled])


def test_clone_takes_the_old_name_of_an_argument():
    x = T.dscalar("x")
    with pytest.warns(UserWarning, match="use `share_inputs`"):
        copy = clone(x * 2, copy_inputs=False)
    assert copy.owner.inputs[0] is not x


@pytest.mark.parametrize("value", [None, np.nan, np.inf, -np.inf, T.constant(np.nan)])
def test_what_says_nothing(value):
    assert scan_utils.isNaN_or_Inf_or_None(value)


@pytest.mark.parametrize("value", [0, 3.5, T.constant(2), T.dscalar(), T.dvector()])
def test_what_says_something(value):
    assert not scan_utils.isNaN_or_Inf_or_None(value)


def test_hash_of_nested_lists_ignores_their_kind():
    nested = {"a": [1, (2, 3)], "b": ["c"]}
    assert scan_utils.hash_listsDictsTuples(nested) == scan_utils.hash_listsDictsTuples({"b": ("c",), "a": [1, [3, 2]]})
    assert scan_utils.hash_listsDictsTuples(nested) != scan_utils.hash_listsDictsTuples({"b": ("d",), "a": [1, [3, 2]]})


def test_names_of_rewrites_that_are_gone_say_where_they_went():
    with pytest.raises(NotImplementedError, match=r"pytensor\.scan\.rewriting"):
        scan_utils.compress_outs  # noqa: B018
