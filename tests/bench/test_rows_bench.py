"""The comparison of training steps: that all sides compute the same, and that what is measured gets into the table."""

import sys
import time
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import twins

from ptembed.bench import __main__ as command
from ptembed.bench import row_memory, row_peers, row_report, row_sides, rows
from ptembed.bench.row_targets import targets
from ptembed.bench.timing import Side, in_turn, ratio

TINY = replace(
    rows.QUICK, d=4, m=4, single=(60,), many=(60,), flat=(20, 60), online=60, steps=5, memory=60,
    rounds=2, calls=3, limit=1e-3, cache=1024,
)  # fmt: skip
OPTIMIZERS = list(row_sides.OPTIMIZERS)
TWINS = {"SGD": twins.sgd, "Adagrad": twins.adagrad, "row-wise Adagrad": twins.rowwise_adagrad, "Adam": twins.adam}


@pytest.fixture
def W():
    return np.random.default_rng(3).normal(0, 0.3, (60, 4)).astype(np.float32)


def triple_gradients(W, ids):
    """The gradient of each row read, in the order of ids."""
    r, p, n = W[ids[:, 0]], W[ids[:, 1]], W[ids[:, 2]]
    gp = -1 / (1 + np.exp((r * p).sum(axis=1, keepdims=True)))
    gn = 1 / (1 + np.exp(-(r * n).sum(axis=1, keepdims=True)))
    return np.stack([gp * p + gn * n, gp * r, gn * r], axis=1).reshape(-1, W.shape[1])


@pytest.mark.parametrize("steps", [0, 3])
@pytest.mark.parametrize("m", [1, 4])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_loop_by_hand_is_the_twin(optimizer, m, steps, W):
    side = row_sides.by_hand(optimizer, W, m, steps)
    expected, states, rate = W.astype(float), {}, row_sides.OPTIMIZERS[optimizer][0]
    for ids in ([[1, 2, 3], [1, 1, 5], [5, 6, 6], [0, 7, 1]], [[9, 1, 9], [1, 2, 5], [9, 9, 8], [4, 3, 2]]):
        ids = np.array(ids)[:m]
        side.run(ids)
        for _ in range(3):
            hyper = {} if optimizer == "SGD" else {"epsilon": 1e-10}
            gradients = triple_gradients(expected, ids)
            twins.lazy_step(TWINS[optimizer], expected, states, ids.ravel(), gradients, learning_rate=rate, **hyper)
    np.testing.assert_allclose(side.rows(np.arange(60)), expected, rtol=2e-4, atol=2e-6)


def test_the_loop_triple_after_triple_is_the_twin_of_single_steps(W):
    side = row_sides.triple_after_triple(W, 3)
    ids, expected = np.array([[1, 2, 3], [3, 2, 1], [0, 1, 4]]), W.astype(float)
    side.run(ids)
    for one in np.tile(ids, (3, 1)):
        twins.lazy_step(twins.sgd, expected, {}, one, triple_gradients(expected, one[None]), learning_rate=0.05)
    np.testing.assert_allclose(side.rows(np.arange(60)), expected, rtol=1e-4)


@pytest.fixture(scope="module")
def compared():
    """Each optimizer with one triple a step and with four, without the peers."""
    absent = {"torch": "", "fbgemm_gpu": ""}
    return {(o, m): rows.compare(o, 60, m, TINY, absent=absent) for o in OPTIMIZERS for m in (1, TINY.m)}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_sides_agree_and_are_timed(compared, optimizer):
    for m in (1, TINY.m):
        c = compared[optimizer, m]
        assert c.names[:2] == ["Numba loop by hand", "ptembed, one step a call"]
        assert len(set(c.names)) == len(c.names) == len(c.taken) and (c.taken > 0).all()
        assert c.ratio(c.names[0]) == 1
    assert any("steps a call" in name for name in c.names[2:])


def test_blocks_and_sizes_are_timed():
    c = rows.online("SGD", TINY)
    assert c.names == ["Numba loop by hand, 5 steps a call", "ptembed, 5 steps a call"] and (c.taken > 0).all()
    flat = rows.flatness(TINY)
    assert all(taken.shape == (len(TINY.flat), TINY.rounds) and (taken > 0).all() for taken in flat.values())
    assert sum(name.endswith("caches emptied") for name in flat) == len(flat) / 2


def test_sgd_is_compared_in_all_forms(compared):
    names = compared["SGD", TINY.m].names
    for form in ("dense form", "inc_subtensor"):
        assert {f"{form}, rewritten by ptembed", f"{form}, PyTensor alone"} < set(names)


def test_the_dense_form_alone_is_dense_and_the_rewritten_is_not(W):
    alone, rewritten = (row_sides.dense_form(W, 4, by).step.maker.fgraph for by in (False, True))
    assert [len(g.outputs[1].owner.op.destroy_map) for g in (rewritten,)] == [1]
    assert not any("RowLoop" in str(node.op) for node in alone.apply_nodes)
    assert any("RowLoop" in str(node.op) for node in rewritten.apply_nodes)


def test_above_their_size_dense_sides_are_left_out(monkeypatch):
    monkeypatch.setattr(rows, "_timed", lambda optimizer, N, m, makers, sizes: makers)
    small, large = (rows.compare("SGD", N, 4, replace(TINY, dense=60), python37="python") for N in (60, 61))
    missing = [make for make in small if str(make) not in map(str, large)]
    assert [make.func for make in missing] == [row_sides.dense_form, row_peers.TheanoSide, row_peers.torch_dense]
    assert missing[0].keywords == {"rewritten": False} and missing[1].args == ("dense",)


def test_a_side_with_another_update_is_refused(W):
    right = row_sides.by_hand("SGD", W, 4)
    other = row_sides.triple_after_triple(W, 4)
    rows.agree([right, other], 60, 4, W)
    other.versus = True
    with pytest.raises(RuntimeError, match="triple after triple differs from Numba loop by hand"):
        rows.agree([row_sides.by_hand("SGD", W, 4), other], 60, 4, W)


@pytest.mark.parametrize("optimizer", ["SGD", "Adagrad", "Adam"])
@pytest.mark.parametrize("peer", [row_peers.torch_sparse, row_peers.torch_dense, row_peers.fbgemm])
def test_peers_agree_with_the_loop_by_hand(peer, optimizer, W):
    pytest.importorskip("fbgemm_gpu" if peer is row_peers.fbgemm else "torch")
    if peer is row_peers.fbgemm:
        optimizer = {"Adam": "row-wise Adagrad"}.get(optimizer, optimizer)
    for m in (1, 4):
        rows.agree([row_sides.by_hand(optimizer, W, m), peer(optimizer, W, m)], 60, m, W)


@pytest.fixture
def python37(tmp_path):
    """Stands in for the Python that has Theano: runs the script on the drop-in."""
    path = tmp_path / "python37"
    search = "".join(f"{folder}:" for folder in sys.path)
    path.write_text(f'#!/bin/sh\nPYTHONPATH={search} exec {sys.executable} -m ptembed run "$@"\n')
    path.chmod(0o755)
    return str(path)


def test_theano_takes_the_same_steps_in_another_process(W, python37):
    side = row_peers.TheanoSide("dense", W, 4, python37)
    rows.agree([row_sides.by_hand("SGD", W, 4), side], 60, 4, W)
    assert side.name == "Theano 1.0.5, dense form"
    assert 0 < side.seconds(lambda n: np.zeros((n, 4, 3), np.int64), 5, 1) < 1
    side.close()
    assert side.process.returncode == 0


def test_a_python_without_theano_is_one_sentence(W, tmp_path):
    broken = tmp_path / "python37"
    broken.write_text("#!/bin/sh\necho No module named theano >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(RuntimeError, match=r"must run Theano 1\.0\.5 .* did not: No module named theano"):
        row_peers.TheanoSide("rows", W, 1, str(broken))


def test_what_is_missing_is_named_with_its_install(monkeypatch):
    def absent(module):
        raise ImportError(module)

    monkeypatch.setattr(row_peers, "_quietly_imported", absent)
    lines = row_peers.missing(None)
    assert set(lines) == {"torch", "fbgemm_gpu", "theano"}
    assert all("left out" in line and "pip install" in line for line in lines.values())
    assert "theano" not in row_peers.missing("python3.7")


def test_sides_take_turns_and_slow_ones_take_fewer_steps():
    order = []
    fast, slow = (
        Side(name, lambda ids, name=name: order.append(name) or time.sleep(name == "b"), None) for name in "ab"
    )
    draw = partial(np.zeros, dtype=np.int64)
    taken = in_turn([fast, slow], [lambda n: draw((n, 1, 3))] * 2, rounds=2, calls=3, limit=0.04)
    assert "".join(order) == "aaab" * 2
    assert taken.shape == (2, 2) and (taken[1] >= 0.05).all() and ratio(taken[1], taken[0]) > 10


def large_step(W, m):
    return Side("large", lambda ids: np.ones(1 << 20).sum(), None)


def test_memory_is_that_of_the_step():
    extra = row_memory.extra_memory(large_step, 1000, 100, 1)
    if extra is None:
        pytest.skip("the system does not tell the peak of a process's memory")
    assert 7e6 < extra < 12e6


def results(compared, seconds=None):
    """All that a run gives, from the comparisons at hand; with ``seconds`` for all, if given."""
    if seconds is not None:
        compared = {key: replace(c, taken=np.full_like(c.taken, seconds)) for key, c in compared.items()}
    single, many = ([compared[o, m] for o in OPTIMIZERS] for m in (1, TINY.m))
    names = ["Numba loop by hand, 5 steps a call", "ptembed, 5 steps a call"]
    online = [replace(c, names=names, taken=c.taken[:2]) for c in single]
    flat = {"ptembed, one step a call, caches as they are": np.array([[1e-6, 2e-6], [1e-6, 2.2e-6]])}
    memory = {"ptembed, SGD": 100, "SGD, dense form, PyTensor alone": None}
    return rows.Results(" --quick", TINY, "a machine", 1e9, ["torch is left out"], single, many, online, flat, memory)


def test_the_table_has_every_side_and_every_cell(compared):
    page = row_report.table(results(compared))
    for part in page.split("## ")[1:]:
        cells = [line.count(" | ") for line in part.splitlines() if line.startswith("|")]
        assert len(cells) > 2 and len(set(cells)) == 1
    for (optimizer, _), c in compared.items():
        assert all(f"| {optimizer} | {name} | " in page for name in c.names)
    assert "torch is left out." in page and "not measured: needs Linux" in page and "a machine" in page
    assert "| ptembed, one step a call, caches as they are | 1.50 | 1.60 |" in page


def test_targets_are_met_or_not_by_the_numbers(compared):
    met = {t.what: t.met for t in targets(results(compared, seconds=7e-7))}
    assert met["SGD, 3 rows of 60: ptembed, one step a call"]
    assert met["SGD, 12 rows of 60: ptembed, one step a call / Numba loop by hand"]
    assert met["SGD, 3 rows of 60: ptembed, 5 steps a call"]
    assert met["SGD, 3 rows of 60 / of 20: ptembed, one step a call, caches as they are"]
    assert not met["SGD, 3 rows of 60: dense form, PyTensor alone / ptembed, one step a call"]
    slow = {t.what: t.met for t in targets(results(compared, seconds=1e-5))}
    assert not slow["SGD, 3 rows of 60: ptembed, one step a call"]
    assert slow["Adam, 3 rows of 60: ptembed, one step a call"]


def test_what_must_move_is_counted():
    assert row_sides.moved_bytes("SGD", 10, 100) == 10 * 100 * 4 * 2
    assert row_sides.moved_bytes("Adam", 10, 100) == 10 * (3 * 100 + 1) * 4 * 2


def test_main_writes_a_page_and_a_picture(compared, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(rows, "measure", lambda sizes, python37: results(compared))
    assert command.main(["rows", "--quick", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "rows.md").read_text().strip() in capsys.readouterr().out
    picture = (tmp_path / "rows.png").read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n" and len(picture) > 20_000


@pytest.mark.parametrize("option", ["--out", "--python37"])
def test_a_wrong_path_is_one_sentence_and_nothing_is_measured(option, monkeypatch, capsys):
    monkeypatch.setattr(rows, "measure", None)
    assert command.main(["rows", option, "no/such/path"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("ptembed.bench: ") and "must exist, got no/such/path" in error
