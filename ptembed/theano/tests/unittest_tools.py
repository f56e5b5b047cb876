"""Helpers to test Ops and gradients.

The seed of random numbers is the flag ``unittests.rseed`` (666), so that a test that fails fails again.
"""

import sys
import unittest
from contextlib import suppress
from copy import copy, deepcopy
from functools import wraps
from itertools import zip_longest
from logging import getLogger
from unittest import SkipTest

import numpy as np
from pytensor.gradient import GradientError

from ptembed.theano import tensor as T
from ptembed.theano.compile import function, get_default_mode
from ptembed.theano.configparser import config

__all__ = [
    "AttemptManyTimes",
    "InferShapeTester",
    "MockRandomState",
    "SkipTest",
    "T_OpContractMixin",
    "TestOptimizationMixin",
    "WrongValue",
    "assertFailure_fast",
    "assert_allclose",
    "attr",
    "custom_name_func",
    "fetch_seed",
    "seed_rng",
    "str_diagnostic",
    "verify_grad",
]

_logger = getLogger("theano.tests.unittest_tools")


def attr(*tags, **values):
    """Make a decorator that marks a test: each of ``tags`` becomes an attribute that is True."""

    def mark(test):
        for name, value in (dict.fromkeys(tags, True) | values).items():
            setattr(test, name, value)
        return test

    return mark


def custom_name_func(testcase_func, param_num, param):
    """The name of one case of a parameterized test, with its arguments in it."""
    from parameterized import parameterized

    return f"{testcase_func.__name__}_{parameterized.to_safe_name('_'.join(map(str, param.args)))}"


def fetch_seed(pseed=None):
    """The seed to use in tests: ``pseed``, or the flag ``unittests.rseed``.

    Returns
    -------
    int or None
        None, a seed that is new each time, where the flag says ``random`` or is no number.
    """
    seed = pseed or config.unittests.rseed
    if seed == "random" or not seed:
        return None
    try:
        return int(seed)
    except ValueError:
        print(f"config.unittests.rseed must be an integer or random, got {seed!r}: no seed is used.", file=sys.stderr)
        return None


def seed_rng(pseed=None):
    """Seed ``numpy.random`` with :func:`fetch_seed`, which is returned."""
    seed = fetch_seed(pseed)
    np.random.seed(seed)
    return seed


def verify_grad(op, pt, n_tests=2, rng=None, *args, **kwargs):
    """``theano.gradient.verify_grad`` with a generator that is seeded first, where none is given.

    Raises
    ------
    verify_grad.E_grad
        If the symbolic and the numerical gradient differ.
    """
    if rng is None:
        seed_rng()
        rng = np.random
    T.verify_grad(op, pt, n_tests, rng, *args, **kwargs)


verify_grad.E_grad = GradientError


class MockRandomState:
    """Stands for ``numpy.random.RandomState`` and draws the ends of the range: ``val`` is 0 or near 1."""

    def __init__(self, val):
        self.val = val

    def rand(self, *shape):
        """An array of ``shape`` that holds ``val``."""
        return np.full(shape, self.val, dtype="float64")

    def randint(self, minval, maxval=None, size=1):
        """The least integer where ``val`` is 0, else the greatest."""
        low, high = (0, minval) if maxval is None else (minval, maxval)
        return np.full(size, low if self.val == 0 else high - 1, dtype="int64")


class TestOptimizationMixin:
    """Assertions on which Ops a compiled function has."""

    def assertFunctionContains(self, f, op, min=1, max=sys.maxsize):
        """Assert that ``f`` has from ``min`` to ``max`` nodes of ``op``."""
        self._assert_between(f, lambda node: node.op == op, op, min, max)

    def assertFunctionContains0(self, f, op):
        """Assert that ``f`` has no node of ``op``."""
        self.assertFunctionContains(f, op, min=0, max=0)

    def assertFunctionContains1(self, f, op):
        """Assert that ``f`` has one node of ``op``."""
        self.assertFunctionContains(f, op, min=1, max=1)

    def assertFunctionContainsN(self, f, op, N):
        """Assert that ``f`` has ``N`` nodes of ``op``."""
        self.assertFunctionContains(f, op, min=N, max=N)

    def assertFunctionContainsClass(self, f, op, min=1, max=sys.maxsize):
        """Assert that ``f`` has from ``min`` to ``max`` nodes of the class ``op``."""
        self._assert_between(f, lambda node: isinstance(node.op, op), op, min, max)

    def assertFunctionContainsClassN(self, f, op, N):
        """Assert that ``f`` has ``N`` nodes of the class ``op``."""
        self.assertFunctionContainsClass(f, op, min=N, max=N)

    def SkipTest(self, msg="Skip this test"):
        """Skip the test that runs."""
        raise SkipTest(msg)

    def _assert_between(self, f, wanted, op, low, high):
        nodes = f.maker.fgraph.toposort()
        found = [node for node in nodes if wanted(node)]
        assert low <= len(found) <= high, (
            f"{op} must be in the function {low} to {high} times, got {len(found)}: {nodes}"
        )


class T_OpContractMixin:
    """Tests that every Op must pass: equality, hash, name. ``ops`` are Ops that differ; ``clone`` makes one anew."""

    other_op = T.add

    def copy(self, x):
        """A copy of an Op."""
        return copy(x)

    def deepcopy(self, x):
        """A deep copy of an Op."""
        return deepcopy(x)

    def clone(self, op):
        """An Op like ``op``, made by its constructor."""
        raise NotImplementedError("A test of an Op defines clone(op), which makes an Op like op by its constructor.")

    def test_eq(self):
        """Copies are equal, other Ops are not."""
        for i, op in enumerate(self.ops):
            for same in (op, self.copy(op), self.deepcopy(op), self.clone(op)):
                assert op == same
            assert op != self.other_op
            assert all(op != other for j, other in enumerate(self.ops) if j != i)

    def test_hash(self):
        """Copies have one hash, other Ops another one."""
        for i, op in enumerate(self.ops):
            for same in (op, self.copy(op), self.deepcopy(op), self.clone(op)):
                assert hash(op) == hash(same)
            assert hash(op) != hash(self.other_op)
            assert all(hash(op) != hash(other) for j, other in enumerate(self.ops) if j != i)

    def test_name(self):
        """An Op has a name."""
        assert all(str(op) for op in self.ops)


class InferShapeTester(unittest.TestCase):
    """Tests that an Op tells the shapes of its outputs without being computed. ``mode`` may be set in the class."""

    def setUp(self):
        seed_rng()
        mode = getattr(self, "mode", None) or get_default_mode()
        # The kernels that stand in for sparse Ops are left out: the Op that the test names is the one that is tested.
        self.mode = mode.including("canonicalize").excluding("sparse_products")

    def _compile_and_check(self, inputs, outputs, numeric_inputs, cls, excluding=None, warn=True, check_topo=True):
        """Assert that the symbolic shapes are those of the values.

        Parameters
        ----------
        inputs, outputs : list of variables
        numeric_inputs : list
            A value for each input; sizes that differ from each other show most.
        cls : class or tuple of classes
            The Op: it must be in the graph of the values, and not in the graph of the shapes.
        excluding : list of str, optional
            Rewrites to leave out.
        warn : bool
            Whether to say so where sizes are equal.
        check_topo : bool
            Whether the graph of the shapes must be without ``cls``.
        """
        mode = self.mode.excluding(*excluding) if excluding else self.mode
        if warn:
            _warn_of_equal_sizes(inputs, numeric_inputs, cls)
        values = function(inputs, outputs, mode=mode)
        shapes = function(inputs, [out.shape for out in outputs], mode=mode)
        if check_topo:
            assert not _contains(shapes, cls), f"{cls} is computed for its shape"
        assert _contains(values, cls), f"{cls} is not in the graph that is tested"
        for value, shape in zip(values(*numeric_inputs), shapes(*numeric_inputs), strict=True):
            assert np.all(value.shape == shape), (value.shape, shape)


def _contains(f, cls):
    return any(isinstance(node.op, cls) for node in f.maker.fgraph.toposort())


def _warn_of_equal_sizes(inputs, numeric_inputs, cls):
    for var, value in zip(inputs, numeric_inputs, strict=False):
        known_ones = getattr(var.type, "broadcastable", ())
        free = [n for n, one in zip_longest(np.shape(value), known_ones) if not one]
        if len(set(free)) != len(free):
            _logger.warning(
                "The shape inference of %r is tested with an input of shape %r: sizes that differ would show if "
                "they were mixed up.",
                cls,
                np.shape(value),
            )
            return


class WrongValue(Exception):
    """A value is not close to the expected one; its text says how they differ."""

    def __init__(self, expected_val, val, rtol, atol):
        super().__init__()
        self.val1, self.val2, self.rtol, self.atol = expected_val, val, rtol, atol

    def __str__(self):
        return "WrongValue\n" + str_diagnostic(self.val1, self.val2, self.rtol, self.atol)


def assert_allclose(expected, value, rtol=None, atol=None):
    """Assert that ``value`` is close to ``expected``; tolerances are those of the less precise dtype.

    Raises
    ------
    WrongValue
        If it is not.
    """
    if not T.basic._allclose(expected, value, rtol, atol):
        raise WrongValue(expected, value, rtol, atol)


def str_diagnostic(expected, value, rtol, atol):
    """Describe two arrays and how far they differ."""
    lines = [f"{name:9}: {_summary(array)}" for name, array in (("expected", expected), ("value", value))]
    lines += [f"expected : {expected}", f"value    : {value}"]
    with suppress(TypeError, ValueError):
        lines += _differences(np.asarray(expected), np.asarray(value))
    own_atol, own_rtol = T.basic._get_atol_rtol(expected, value)
    lines.append(f"rtol, atol: {own_rtol if rtol is None else rtol} {own_atol if atol is None else atol}")
    return "\n".join(lines) + "\n"


def _summary(array):
    array = np.asarray(array)
    if not array.size or array.dtype.kind not in "biufc":
        return f"shape {array.shape}, dtype {array.dtype}"
    return (
        f"shape {array.shape}, dtype {array.dtype}, strides {array.strides}, min {array.min()}, max {array.max()}, "
        f"{np.isinf(array).sum()} infinite, {np.isnan(array).sum()} NaN"
    )


def _differences(expected, value):
    absolute = np.abs(value - expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = absolute / np.abs(expected)
    for name, difference in (("absolute", absolute), ("relative", relative)):
        yield (
            f"{name} difference: max {difference.max()}, mean {difference.mean()}, median {np.median(difference)}, "
            f"std {difference.std()}"
        )


class AttemptManyTimes:
    """Make a decorator for a test that may fail sometimes: it is run again, with other seeds.

    Parameters
    ----------
    n_attempts : int
        How often at most.
    n_req_successes : int
        How often it must pass.
    """

    def __init__(self, n_attempts, n_req_successes=1):
        if n_attempts < n_req_successes:
            raise ValueError(
                f"n_attempts must be at least n_req_successes, got {n_attempts} and {n_req_successes}: allow more."
            )
        self.n_attempts, self.n_req_successes = n_attempts, n_req_successes

    def __call__(self, fct):
        @wraps(fct)
        def attempts(*args, **kwargs):
            failures_left, passed, seed = self.n_attempts - self.n_req_successes, 0, config.unittests.rseed
            while passed < self.n_req_successes:
                try:
                    self._attempt(fct, args, kwargs, seed)
                    passed += 1
                except Exception:
                    failures_left -= 1
                    if failures_left < 0:
                        raise
                if seed not in (None, "random"):
                    seed = str(int(seed) + 1)

        return attempts

    def _attempt(self, fct, args, kwargs, seed):
        case = args[0] if len(args) == 1 and hasattr(args[0], "_testMethodName") else unittest.TestCase()
        before = config.unittests.rseed
        config.unittests.rseed = seed
        try:
            case.setUp()
            fct(*args, **kwargs)
        finally:
            config.unittests.rseed = before
            case.tearDown()


def assertFailure_fast(f):
    """Expect the test ``f`` to fail where the flag ``cycle_detection`` is ``fast``, which it is not by default."""
    return unittest.expectedFailure(f) if config.cycle_detection == "fast" else f


def __getattr__(name):
    if name != "parameterized":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from parameterized import parameterized

    return parameterized
