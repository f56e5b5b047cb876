"""The demo, once from end to end and its parts on small numbers."""

from types import SimpleNamespace

import numpy as np
import pytest

from ptembed.demo import link_score, main, neighbours, unit_rows
from ptembed.demo.step_times import dense_step, row_step


@pytest.fixture(scope="module")
def finished(python_once, tmp_path_factory):
    """One run on few triples: what it printed and the picture it drew."""
    picture = tmp_path_factory.mktemp("demo") / "picture.png"
    return python_once("-m", "ptembed", "demo", "Whale", "--triples", "2000000", "--out", picture), picture


def test_it_trains_and_tells(finished):
    done, _ = finished
    assert done.returncode == 0, done.stderr
    first, last = (
        float(x) for x in next(row for row in done.stdout.splitlines() if row.startswith("loss")).split()[1::2]
    )
    assert first > last > 0
    for word in ("coach", "rock", "space", "whale"):
        assert len(next(row for row in done.stdout.splitlines() if row.strip().startswith(f"{word}:")).split(",")) == 8
    assert "times as fast" in done.stdout
    score = float(done.stdout.split("random word in ")[1].split("%")[0])
    assert score > 60


def test_it_says_what_it_is_doing(finished):
    done, picture = finished
    steps = ["Reading", "Training on 2,000,000 triples", "Scoring", "Timing", f"Drawing {picture}"]
    assert [step for step in steps if step not in done.stderr] == []
    assert "2.00M/2.00M" in done.stderr


def test_the_picture_is_a_png_with_something_in_it(finished):
    _, picture = finished
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert picture.stat().st_size > 20_000


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["a", "b", "c", "d", "e", "f"], "At most five words"),
        (["--triples", "0"], "must be at least 1, got 0"),
        (["--out", "no/such/folder/x.png"], "The folder of the picture must exist"),
        (["qwertz"], "The word 'qwertz' does not occur"),
    ],
)
def test_wrong_call_is_one_sentence_and_trains_nothing(python, tmp_path, arguments, sentence):
    done = python("-m", "ptembed", "demo", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("ptembed demo: ") and sentence in done.stderr
    assert "Training" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_missing_extra_names_the_install(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "tqdm", None)
    with pytest.raises(ImportError, match=r"needs tqdm, which is not installed: pip install 'ptembed\[learn\]'"):
        main(out=str(tmp_path / "x.png"))


def test_neighbours_are_by_cosine():
    vectors = unit_rows(np.array([[2.0, 0], [5, 1], [0, 3], [-1, 0], [1, 1]]))
    assert neighbours(vectors, 0, 3).tolist() == [1, 4, 2]


def test_unit_rows_leaves_zeros():
    assert np.array_equal(unit_rows(np.array([[3.0, 4], [0, 0]])), [[0.6, 0.8], [0, 0]])


@pytest.mark.parametrize(("angle", "expected"), [(0.0, 1.0), (np.pi, 0.0)])
def test_link_score_of_perfect_and_of_reversed_vectors(angle, expected):
    """Each child stands at its parent, or opposite to it."""
    links = 8
    at = np.arange(links) * (np.pi / links) * 0.9
    vectors = np.stack([np.cos(np.r_[at, at + angle]), np.sin(np.r_[at, at + angle])], axis=1)
    lemmas = [(f"W{i}",) for i in range(2 * links)]
    glosses = SimpleNamespace(lemmas=lemmas, hypernyms=np.stack([np.arange(links), np.arange(links) + links], axis=1))
    index = {f"w{i}": i for i in range(2 * links)}
    score, counted = link_score(vectors, index, glosses, seed=3)
    assert counted == links
    assert abs(score - expected) < 0.2


@pytest.mark.parametrize("ids", [[0, 1, 2], [0, 0, 2], [1, 1, 1]])
def test_both_timed_forms_take_the_same_step(ids):
    import pytensor

    start = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    after = []
    for form in (dense_step, row_step):
        W = pytensor.shared(start.copy())
        loss = form(W, 0.5)(np.array(ids))
        after.append((loss, W.get_value()))
    np.testing.assert_allclose(after[0][0], after[1][0], rtol=1e-6)
    np.testing.assert_allclose(after[0][1], after[1][1], rtol=1e-5, atol=1e-6)
    assert not np.array_equal(after[0][1], start)
