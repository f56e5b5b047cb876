"""The small helpers of ``theano.gof``: what Theano 1.0.5 gives for them."""

import hashlib
import warnings

import numpy as np
import pytest

from ptembed import theano
from ptembed.theano import tensor as tt
from ptembed.theano.gof import callcache, compilelock, sched, utils


def test_lists_and_counts():
    a, b = [1], [1]
    assert utils.uniq([a, b, a]) == [a, b] and utils.uniq([a, b, a])[1] is b
    assert utils.difference([1, 2, 3, 2], {2}) == [1, 3]
    assert utils.to_return_values([4]) == 4 and utils.to_return_values([4, 5]) == [4, 5]
    assert utils.from_return_values(4) == [4] and utils.from_return_values((4, 5)) == (4, 5)
    assert sorted(utils.flatten([1, (2, [3, {4}]), "56"]), key=str) == [1, 2, 3, 4, "56"]
    assert utils.unique([1, 2]) and not utils.unique([1, 2, 1])
    assert utils.hist("aab") == {"a": 2, "b": 1}
    assert utils.remove(lambda x: x > 1, [1, 2, 0]) == [1, 0]
    assert utils.D(a=1, b=2).b == 2


def test_an_order_by_needs():
    assert utils.toposort({"c": {"a", "b"}, "b": {"a"}, "a": set()}) == ["a", "b", "c"]
    with pytest.raises(Exception, match="cycles"):
        utils.toposort({"a": {"b"}, "b": {"a"}})


def test_results_are_kept_by_their_arguments():
    calls = []

    @utils.memoize
    def double(x, times=2):
        calls.append(x)
        return x * times

    assert [double(3), double(3), double(3, times=3), double([1])] == [6, 6, 9, [1, 1]]
    double([1])
    assert calls == [3, 3, [1], [1]]  # what cannot be hashed is computed anew


def test_a_deprecated_function_warns_once():
    @utils.deprecated("old.py", "Use new.")
    def old(x):
        return x + 1

    with pytest.warns(UserWarning, match=r"old.py old deprecated\. Use new\."):
        assert old(1) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert old(2) == 3


def combined(a, b):
    return "any"


def shown(x):
    return "any"


def test_guards_choose_by_kinds():
    by_kinds = utils.comm_guard(int, str)(_named(lambda a, b: (a, b) if a else utils.FALL_THROUGH, "combined"))
    assert by_kinds(1, "x") == (1, "x") == by_kinds("x", 1)
    assert by_kinds(1.5, "x") == by_kinds(0, "x") == "any"
    anything = utils.comm_guard(int, utils.ANY_TYPE)(_named(lambda a, b: (a, b), "combined"))
    assert anything("x", 1) == (1, "x")
    by_kind = utils.type_guard(int)(_named(lambda x: -x if x else utils.FALL_THROUGH, "shown"))
    assert by_kind(2) == -2 and by_kind(0) == by_kind("x") == "any"
    assert not utils.ABORT and utils.ANY_TYPE and str(utils.RETRY) == "<RETRY>"


def _named(function, name):
    function.__name__ = name
    return function


def test_variables_get_names_of_their_own():
    variables = [tt.scalar("x"), tt.scalar("x"), tt.scalar(), tt.scalar("y")]
    assert [v.name for v in utils.give_variables_names(variables)] == ["x_0", "x_1", "_2", "y"]


def test_the_hash_of_a_file(tmp_path):
    (tmp_path / "x").write_bytes(b"content")
    assert utils.hash_from_file(str(tmp_path / "x")) == hashlib.sha256(b"content").hexdigest()


def test_calls_are_kept_in_a_file(tmp_path):
    path, calls = tmp_path / "cache", []

    def count(*args):
        calls.append(args)
        return len(calls)

    cache = callcache.CallCache(str(path))
    assert [cache.call(count, (1,), key=k) for k in "aab"] == [1, 1, 2]
    cache.persist()
    again = callcache.CallCache(str(path))
    assert again.call(count, (1,), key="b") == 2 and len(calls) == 2
    del cache, again
    assert [p.name for p in tmp_path.iterdir()] == ["cache"]
    memory = callcache.CallCache()
    assert memory.call(max, (1, 2)) == memory.call(max, [1, 2]) == 2 and len(memory.cache) == 1


def test_nodes_are_ordered_by_needs_and_preferences():
    x, y = tt.scalars("x", "y")
    late, early = tt.exp(x), tt.log(y)
    out = late + early
    prefer = sched.key_to_cmp(lambda node: node.inputs[0].name or "")
    back = sched.key_to_cmp(lambda node: -ord((node.inputs[0].name or "\0")[0]))
    for compare, expected in ((prefer, [late, early]), (back, [early, late])):
        order = sched.sort_apply_nodes([x, y], [out], [compare])
        assert order == [v.owner for v in (*expected, out)]
    depends = sched.make_depends()
    assert depends((out.owner, late.owner)) and not depends((late.owner, early.owner))
    assert not depends((out.owner, out.owner))
    assert sched.reverse_dict({"a": [1, 2], "b": [2]}) == {1: ("a",), 2: ("a", "b")}
    graph = theano.gof.FunctionGraph([x, y], [out], clone=False)
    assert sched.sort_schedule_fn(prefer)(graph) == [v.owner for v in (late, early, out)]


def test_the_lock_is_taken_and_given_back(tmp_path):
    compilelock.get_lock(lock_dir=tmp_path)
    compilelock.get_lock(lock_dir=tmp_path)  # the same process may take it again
    for _ in range(3):
        compilelock.release_lock()
    assert not compilelock._held
    compilelock.set_lock_status(False)


def test_a_column_before_a_matrix():
    from ptembed.theano.tensor.nnet import prepending

    X, v = tt.fmatrix("X"), tt.dscalar("v")
    value = np.arange(6, dtype="float32").reshape(2, 3)
    outputs = [
        prepending.prepend_1_to_each_row(X),
        prepending.prepend_0_to_each_row(X),
        prepending.prepend_scalar_to_each_row(v, X),
    ]
    made = theano.function([X, v], outputs, mode="FAST_COMPILE")(value, 5)
    for got, number in zip(made, (1, 0, 5), strict=True):
        assert got.dtype == "float32"
        np.testing.assert_array_equal(got, np.column_stack([np.full(2, number), value]))
    with pytest.raises(TypeError, match="matrix"):
        prepending.prepend_0_to_each_row(tt.vector())
    with pytest.raises(TypeError, match="must be a number"):
        prepending.prepend_scalar_to_each_row(tt.vector(), X)
