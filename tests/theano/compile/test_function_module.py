"""Compiled functions as Theano's were; the expected values are those of Theano 1.0.5."""

import copy
import pickle
import warnings

import numpy as np
import pytensor
import pytest

from ptembed.rewrites import dense_history
from ptembed.theano import In, Mode, Out, change_flags, config, function, shared
from ptembed.theano import tensor as T
from ptembed.theano.compile.function_module import (
    AliasedMemoryError,
    UnusedInputError,
    check_equal,
    convert_function_input,
    orig_function,
    register_checker,
)

x, k, v, w = T.dscalar("x"), T.dscalar("k"), T.dvector("v"), T.dvector("w")


@pytest.fixture(autouse=True)
def python_linker():
    with change_flags(linker="py"):
        yield


@pytest.fixture
def scaled():
    return function([x, In(k, value=3.0)], x * k)


class TestDefaults:
    """Inputs that have a value of their own."""

    def test_a_default_is_back_after_each_call(self, scaled):
        assert [scaled(2), scaled(2, k=5), scaled(2, 4), scaled(2)] == [6, 10, 8, 6]

    def test_a_default_is_back_after_an_error(self, scaled):
        with pytest.raises(TypeError):
            scaled(k=7)
        assert (scaled["k"], scaled(2)) == (3, 6)

    def test_a_default_that_is_set_serves_one_call(self, scaled):
        scaled["k"] = 7
        assert [scaled(2), scaled(2)] == [14, 6]

    def test_what_is_known_of_the_inputs(self, scaled):
        assert [(required, refeed) for required, refeed, _ in scaled.defaults] == [(True, False), (False, True)]
        assert [given.name for given, _, _ in scaled.indices] == ["x", "k"]
        assert scaled.fn is scaled.vm

    def test_state_lives_on_between_calls(self):
        count = function([In(k, value=0.0, update=k + x), x], k)
        assert [float(count(x=1)) for _ in range(3)] == [0, 1, 2]
        assert count[k] == 3
        count[k] = 10
        assert (count(x=1), count[k]) == (10, 11)

    def test_two_functions_share_a_state(self):
        up = function([x, In(k, value=10.0, update=k + x)], [])
        down = function([x, In(k, value=up.container[k], update=k - x, implicit=False)], [])
        up(2), down(1)
        assert up[k] == down[k] == 11
        down(1, 0)
        assert up[k] == -1

    def test_the_shorthands_of_an_input(self):
        assert function([(x, 3.0)], x * 2)() == 6
        assert function([("n", x, 3.0)], x * 2)(n=5) == 10
        count = function([((x, x + 1), 0.0)], x)
        assert (count(), count()) == (0, 1)

    @pytest.mark.parametrize("wrong", [(), ("x",), (x, 1, 2), ((x,), 1), (3, 1), T.constant(1.0), 3])
    def test_what_is_no_shorthand(self, wrong):
        with pytest.raises((TypeError, IndexError)):
            convert_function_input(wrong)


class TestLookingInside:
    """``f[x]``, ``f.value``, ``f.container``."""

    def test_by_variable_name_and_position(self, scaled):
        assert scaled[k] == scaled["k"] == scaled[1] == scaled.value[k] == scaled.container[k].value == 3
        assert k in scaled and "x" in scaled.value and "q" not in scaled.container

    def test_unknown_and_ambiguous_names(self, scaled):
        with pytest.raises(TypeError, match=r"Unknown input or state: q. The function has 2 named inputs \(x, k\)"):
            scaled["q"] = 1
        same = function([T.dscalar("a"), T.dscalar("a")], [], on_unused_input="ignore")
        with pytest.raises(TypeError, match="Ambiguous name: a"):
            same["a"]


class TestOutputs:
    """What a function gives back."""

    def test_a_dict_sorted_by_key(self):
        double = function([x], {"b": x * 2, "a": x})
        assert list(double(1).items()) == [("a", 1), ("b", 2)]
        assert double(1, output_subset=["b"]) == {"b": 2}
        assert copy.deepcopy(double)(3) == {"a": 3, "b": 6}

    def test_some_of_a_list(self):
        assert function([x], [x, x * 2])(1, output_subset=[1, 0]) == [2, 1]

    def test_keys_must_be_strings(self):
        with pytest.raises(AssertionError, match="must be strings, got 1"):
            function([x], {1: x})

    def test_none_and_nothing(self):
        assert function([], None)() == function([], [])() == []


class TestWrongCalls:
    """What a call raises."""

    @pytest.mark.parametrize(
        ("args", "kwargs", "text"),
        [
            ((), {}, "Missing required input: x"),
            ((1, 2, 3), {}, "Too many parameter passed to theano function"),
            ((1,), {"x": 2}, "Multiple values for input: x"),
            ((1,), {"q": 2}, "Unknown input or state: q"),
            (([1, 2],), {}, "Bad input argument to theano function with name .*test_function_module.py:.*index 0"),
            ((x,), {}, 'Bad input argument with name "x" to theano function'),
        ],
    )
    def test_type_errors(self, scaled, args, kwargs, text):
        with pytest.raises(TypeError, match=text):
            scaled(*args, **kwargs)

    def test_implicit_inputs_are_not_given(self):
        f = function([In(k, value=3.0, implicit=True)], k)
        with pytest.raises(TypeError, match="Tried to provide value for implicit input: k"):
            f(3)

    @pytest.mark.parametrize("how", [{}, {"allow_downcast": False}])
    def test_a_number_that_does_not_fit_is_a_type_error(self, how):
        b = T.bscalar("b")
        f = function([In(b, **how)], b)
        for call in (lambda: f(300), lambda: f(b=300)):
            with pytest.raises(TypeError, match="cannot store accurately value 300"):
                call()

    def test_unused_and_repeated_inputs(self):
        for inputs in ([x, k], [x, x]):
            with pytest.raises(UnusedInputError, match=r"to theano\.function|theano\.function was asked"):
                function(inputs, x)
        with pytest.raises(ValueError, match=r"of theano\.function: 'maybe'"):
            function([x, k], x, on_unused_input="maybe")


class TestMemory:
    """Who may overwrite what."""

    def test_an_input_that_shares_memory_with_a_mutable_one_is_read_first(self):
        f = function([In(v, mutable=True), w], v * 2 + w, mode=Mode("py", "fast_run"))
        a = np.ones(3)
        assert f._check_for_aliased_inputs
        np.testing.assert_array_equal(f(a, a), [3, 3, 3])

    def test_a_shared_variable_keeps_its_value_when_its_array_is_overwritten(self):
        a = np.ones(3)
        s = shared(a, borrow=True)
        f = function([In(v, mutable=True)], v * 2 + s, mode=Mode("py", "fast_run"))
        np.testing.assert_array_equal(f(a), [3, 3, 3])
        np.testing.assert_array_equal(s.get_value(), [1, 1, 1])

    def test_outputs_are_the_callers(self):
        f = function([v], v)
        a = np.ones(2)
        assert not np.may_share_memory(f(a), a)
        constant = function([], T.constant([4.0]))
        constant()[0] = 3
        assert constant() == [4]


@pytest.mark.parametrize("linker", ["py", "vm", "cvm"])
class TestCopies:
    """``f.copy``, pickles, deep copies."""

    @pytest.fixture
    def step(self, linker):
        s = shared(np.zeros(2), "s")
        st = T.dscalar("st")
        with change_flags(linker=linker):
            f = function([v, In(k, value=2.0), In(st, value=0.0, update=st + 1)], [v * k + s, st], updates=[(s, s + v)])
        f([1, 1])
        return f, s

    def test_copy_shares_shared_variables_and_has_its_own_state(self, step):
        f, s = step
        g = f.copy()
        out, state = g([1, 2])
        assert (out.tolist(), state, s.get_value().tolist()) == ([3, 5], 0, [2, 3])
        assert (f["st"], g["st"], g.name) == (1, 1, f"{f.name} copy")

    def test_copy_without_updates_leaves_shared_variables_alone(self, step):
        f, s = step
        for g in (f.copy(delete_updates=True), f.copy().copy(delete_updates=True)):
            assert len(g([5, 5])) == 2
            assert s.get_value().tolist() == [1, 1]

    def test_swap(self, step):
        f, s = step
        other = shared(np.array([5.0, 5.0]))
        assert f.copy(swap={s: other})([1, 2])[0].tolist() == [7, 9]
        assert (s.get_value().tolist(), other.get_value().tolist()) == ([1, 1], [6, 7])
        with pytest.raises(ValueError, match="not found"):
            f.copy(swap={shared(1.0): other})

    def test_sharing_memory_changes_no_number(self, step):
        f, _ = step
        g = f.copy(share_memory=True)
        assert g([1, 2])[0].tolist() == [3, 5]
        assert f([1, 2])[0].tolist() == [4, 7]

    @pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))])
    def test_duplicates_have_everything_of_their_own(self, step, duplicate):
        f, s = step
        g = duplicate(f)
        out, state = g([1, 2])
        assert (out.tolist(), state, g["k"]) == ([3, 5], 1, 2)
        assert s.get_value().tolist() == [1, 1]
        assert g([1, 2], k=0)[0].tolist() == [2, 3]


def test_a_copy_returns_a_list():
    for f in (function([x], x * 2), function([x], {"a": x * 2})):
        assert f.copy()(1) == copy.copy(f)(1) == [2]


def test_a_pickle_has_no_arguments_of_the_last_call():
    f = function([v], v * 2, mode=Mode(pytensor.link.basic.PerformLinker(allow_gc=False), "fast_run"))
    before = len(pickle.dumps(f))
    f(np.ones(1000))
    assert len(pickle.dumps(f)) < before + 100


def test_functions_need_not_come_back_from_pickles():
    with change_flags(unpickle_function=False):
        assert copy.deepcopy(function([x], x)) is None


def test_shared_memory_of_inputs_is_reported_when_pickled(scaled):
    a = np.ones(2)
    f = function([In(v, value=a), In(w, value=a)], v + w)
    with pytest.warns(UserWarning, match="share memory"):
        pickle.dumps(f)
    f.pickle_aliased_memory_strategy = "raise"
    with pytest.raises(AliasedMemoryError):
        pickle.dumps(f)


def test_free_forgets(scaled):
    f = function([v], v + 1, mode=Mode(pytensor.link.vm.VMLinker(allow_gc=False, use_cloop=False), "fast_run"))
    f([1])
    f.free()
    assert all(cell[0] is None for var, cell in f.fn.storage_map.items() if not hasattr(var, "data"))


def test_a_function_is_called_by_the_place_it_was_made_at():
    f = function([x], x)
    assert f.name.rpartition(":")[0] == __file__
    assert function([x], x, name="f").name == "f"


def test_debug_mode_makes_functions_of_the_same_kind():
    f = function([x, In(k, value=3.0)], {"y": x * k}, mode="DebugMode")
    assert f(2) == {"y": 6}
    with change_flags(mode="DebugMode"):
        assert function([x], Out(x * 2, borrow=True))(1) == 2


def test_orig_function_takes_shared_variables_as_inputs():
    s = shared(2.0)
    assert orig_function([x, In(s, value=s.container, shared=True)], [x * s])(3) == [6]


def test_registered_checkers_compare():
    register_checker(lambda a, b: np.array_equal(a["v"], b["v"]))
    assert check_equal({"v": np.ones(2)}, {"v": np.ones(2)})
    assert not check_equal(1, 2)


def test_inputs_given_as_pairs_take_no_updates():
    with pytest.raises(NotImplementedError, match="write In"):
        function([(x, 3.0)], x, updates=[(shared(1.0), x)])


def test_profiles_are_kept_under_theanos_names():
    f = function([x], x * 2, profile=True)
    f.profile.atexit_print = False
    f(1)
    assert f.profile.fct_callcount == 1
    assert f.profile.optimizer_time == f.profile.rewriting_time > 0
    assert config.profile is False


def test_an_old_program_is_not_told_of_other_optimizers(monkeypatch):
    monkeypatch.setattr(dense_history, "warned", set())
    W, m, idx = shared(np.ones((5, 2)), name="W"), shared(np.zeros((5, 2)), name="m"), T.ivector("idx")
    step = 0.9 * m - 0.1 * T.grad(W[idx].sum(), W)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        function([idx], updates=[(m, step), (W, W + step)])
    with pytest.warns(dense_history.DenseHistoryWarning, match="The update of m ") as told:
        pytensor.function([idx], updates=[(m, step), (W, W + step)], mode=Mode("py"))
    assert told[0].filename == __file__
