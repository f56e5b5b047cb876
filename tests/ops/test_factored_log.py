"""The log of a factored layer: rows of all stamps against one entry after the other."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode

from ptembed.graphs import factored_log as shared_log
from ptembed.graphs.factored_log import FactorLog
from ptembed.ops import factored_log, factored_rows

D, d = 120, 6


class Sequential:
    """A log that every row takes at once, and what it stands for."""

    def __init__(self, V):
        self.V = V.copy()

    def take(self, C):
        self.V = self.V @ C


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(shared_log, "GENERATIONS", 8)
    monkeypatch.setattr(shared_log, "ENTRIES", 5)
    monkeypatch.setattr(shared_log, "DIRECTIONS", 4)
    V = np.random.default_rng(0).normal(size=(D, d))
    log = FactorLog(D, d, "float64")
    return V, log.stamps.get_value(borrow=True), tuple(x.get_value(borrow=True) for x in log.arrays), log


def random_entry(random, n):
    return random.normal(size=(n, d)) * 0.2, random.normal(size=(n, d)) * 0.2


def test_rows_of_all_stamps_take_what_they_have_not_seen(small):
    V, stamps, log, _ = small
    random, twin = np.random.default_rng(1), Sequential(V)
    for t in range(200):
        if t % 17 == 16:
            C = np.eye(d) + 0.2 * random.normal(size=(d, d))
            factored_log.close_with(C, log)
            twin.take(C)
        else:
            z, y = random_entry(random, 1 + t % 3)
            factored_log.append(z, y, log)
            twin.take(np.eye(d) + z.T @ y)
        touched = random.choice(D, 5, replace=False)
        V[touched] = factored_rows.rows_forward(V, stamps, touched, *log) + 0.1
        stamps[touched] = log[5][factored_log.NOW]
        twin.V[touched] += 0.1
        factored_log.sweep(V, stamps, log)
        rows = V.copy()
        factored_log.bring_forward(rows, stamps, log)
        np.testing.assert_allclose(rows, twin.V, rtol=1e-9, atol=1e-12 * abs(twin.V).max())
    assert stamps.min() > 0
    assert log[5][factored_log.NOW] > 3 * 8 * 5


def test_a_sweep_is_spread_over_steps(small):
    V, stamps, log, _ = small
    z, y = random_entry(np.random.default_rng(1), 1)
    factored_log.append(z, y, log)
    factored_log.sweep(V, stamps, log)
    assert (stamps == 1).sum() == D // (5 * (8 - 6))


def test_without_entries_nothing_is_read_twice(small):
    V, stamps, log, _ = small
    before = V.copy()
    factored_log.sweep(V, stamps, log)
    np.testing.assert_array_equal(V, before)


def test_the_log_is_cleared(small):
    V, stamps, arrays, log = small
    random = np.random.default_rng(2)
    for _ in range(20):
        factored_log.append(*random_entry(random, 2), arrays)
    stamps[:] = log.now()
    log.clear()
    rows = V.copy()
    log.bring_forward(rows, stamps)
    np.testing.assert_array_equal(rows, V)
    assert log.now() == 0


def test_rows_as_a_symbol(small):
    V, _, arrays, log = small
    factored_log.append(*random_entry(np.random.default_rng(3), 2), arrays)
    shared, ids = pytensor.shared(V), pt.lvector("ids")
    rows = factored_rows.brought_forward(shared, log.stamps, ids, log.arrays)
    expected = V @ (np.eye(d) + arrays[0][0, :2].T @ arrays[1][0, 0, :2])
    f = pytensor.function([ids], [rows, rows.shape], mode=Mode("py", "fast_compile"))
    got, shape = f([3, 0, 3])
    np.testing.assert_allclose(got, expected[[3, 0, 3]], rtol=1e-12)
    assert tuple(shape) == got.shape
    np.testing.assert_array_equal(shared.get_value(), V)
