"""Long runs look at what must hold, and find what does not."""

from dataclasses import replace

import numpy as np
import pytensor
import pytest

from ptembed import graphs
from ptembed.bench import endurance, endurance_factored, endurance_hogwild, endurance_rows
from ptembed.bench.endurance_watch import Watch, resident

SIZES = replace(endurance.QUICK, steps=300, every=50)


@pytest.fixture(autouse=True)
def one_by_one():
    """Op by Op: what is compiled is not the subject here."""
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        yield


@pytest.mark.slow
def test_writes_its_page(tmp_path):
    endurance.main(tmp_path, quick=True)
    page = (tmp_path / "endurance.md").read_text()
    assert "| invariants that did not hold | 0 | 0 | yes |" in page and "What did not hold" not in page
    for name in (*endurance_rows.OPTIMIZERS, *endurance_factored.FORMS, endurance.HOGWILD):
        assert f"| {name} | 600 |" in page


def test_each_run_has_a_process_of_its_own(monkeypatch, capsys):
    monkeypatch.setattr(endurance, "_runs", lambda: [(endurance_rows.run, "sgd")] * 2)
    found = endurance.measure(replace(SIZES, fresh=True))
    assert [(watch.name, watch.steps, watch.broken) for watch in found] == [("sgd", SIZES.steps, [])] * 2
    assert found[0].worst == found[1].worst and capsys.readouterr().out.count("sgd: ") == 2


def test_without_the_folder_nothing_is_run(tmp_path):
    with pytest.raises(FileNotFoundError):
        endurance.main(tmp_path / "none", quick=True)


def test_each_optimizer_of_rows_is_run():
    known = {"sgd", "momentum", "nesterov", "adagrad", "rowwise_adagrad", "rmsprop", "adadelta", "ftrl"}
    known |= {"adam", "amsgrad", "adamw", "adamax", "nadam"}
    assert known == {name.split(",")[0] for name in endurance_rows.OPTIMIZERS} and known <= set(dir(graphs))


def decaying(loss, r, **options):
    """SGD that touches rows that were not read."""
    updates = graphs.sgd(loss, r, 0.1, **options)
    return {r.W: updates[r.W] * np.float32(0.999)}


def diverging(loss, r, **options):
    return graphs.sgd(loss, r, 1e30)


def miscounting(loss, r, **options):
    updates = graphs.adam(loss, r, **options)
    t = next(var for var in updates if var.name == "W_t")
    return updates | {t: updates[t] + 1}


def climbing(loss, r, **options):
    return graphs.sgd(-loss, r, 0.1, **options)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize(
    "optimizer, broken",
    [
        (decaying, "rows not read are as they were"),
        (diverging, "norms are within their limit"),
        (miscounting, "each row counts its steps"),
        (climbing, "the loss has fallen"),
    ],
)
def test_what_does_not_hold_is_found(optimizer, broken, monkeypatch):
    monkeypatch.setitem(endurance_rows.OPTIMIZERS, "wrong", optimizer)
    watch = endurance_rows.run("wrong", SIZES)
    assert any(broken in line for line in watch.broken)
    page = endurance.page([watch], SIZES)
    assert "**no**" in page and f"* wrong: {watch.broken[0]}" in page


def test_sums_that_fall_are_found(monkeypatch):
    monkeypatch.setitem(endurance_rows.SUMS, "rmsprop", "v")
    watch = endurance_rows.run("rmsprop", SIZES)
    assert {line.split(",")[0] for line in watch.broken} == {"sums do not fall"}


def test_factors_that_no_longer_fit_are_found(monkeypatch):
    monkeypatch.setattr(endurance_factored, "LIMITS", (0.0, 0.0))
    watch = endurance_factored.run("factored layer", SIZES)
    assert {line.split(",")[0] for line in watch.broken} >= {"a step is exact", "U meets its inverse"}


def test_a_torn_row_and_a_lost_write_are_found(tmp_path):
    W, C = (pytensor.shared(np.zeros((60, n)), name=name) for name, n in (("W", 4), ("C", endurance_hogwild.WIDTH)))
    step = endurance_hogwild._Model(str(tmp_path), "h", SIZES)(W, C)
    blocks = endurance_hogwild._Blocks(str(tmp_path), SIZES)(np.random.default_rng(0))

    def broken():
        step(*next(blocks))
        (path,) = tmp_path.glob("*.json")
        return [line.split(",")[0] for line in endurance_hogwild.read(path).broken]

    assert broken() == []
    C.get_value(borrow=True)[0, 1] += 1
    assert broken() == ["no row is torn"]
    C.get_value(borrow=True)[0, 0] -= 1
    assert broken()[1:] == ["no write to own rows is lost"]


def test_growth_is_the_slope_of_what_is_held():
    flat, rising = Watch("flat", memory=[500] * 3 + [1000] * 97), Watch("rising", memory=[1000 + k for k in range(100)])
    assert flat.growth() == pytest.approx(0) and rising.growth() == pytest.approx(89 / 1010)
    assert Watch("unknown", memory=[None] * 100).growth() is None
    (_, found) = endurance.targets([flat, rising])
    assert (found.measured, found.met) == ("8.81%", False)


def test_memory_that_is_held_is_seen():
    before = resident()
    if before is None:
        pytest.skip("the system does not tell")
    held = np.ones(2**22)
    assert resident() - before > 0.9 * held.nbytes / 1024
