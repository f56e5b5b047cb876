"""The scripts of ``examples/`` run and learn."""

import importlib.util
import lzma
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytensor
import pytest

from ptembed.data import load_glosses

CHECKOUT = Path(__file__).parents[1]
LEGACY = CHECKOUT / "examples" / "legacy"
FILES = CHECKOUT / "ptembed" / "data" / "files"


@pytest.fixture(scope="module")
def glosses(tmp_path_factory):
    """A file with every tenth gloss."""
    path = tmp_path_factory.mktemp("data") / "glosses.tsv.xz"
    with (
        lzma.open(FILES / "glosses.tsv.xz", "rt", encoding="utf8") as whole,
        lzma.open(path, "wt", encoding="utf8") as part,
    ):
        header, *rows = whole
        part.writelines([header, *rows[::10]])
    return str(path)


def loaded(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def example(theano):
    theano.config.floatX = "float32"
    return lambda name: loaded(LEGACY / f"{name}.py")


def test_every_script_has_its_test():
    for path in [*LEGACY.glob("*.py"), *LEGACY.parent.glob("*.py")]:
        assert f"test_{path.stem}" in globals()


@pytest.mark.slow
def test_gloss_classes(tmp_path):
    rows = loaded(LEGACY.parent / "gloss_classes.py").main(
        tmp_path / "page.md", size=5000, epochs=2, n_components=16, peers=False
    )
    macro_f1 = {name: score for name, _, _, score, *_ in rows}
    assert len(rows) == 5 and macro_f1["bag, mask, penalty"] > 0.3  # always noun: 0.16
    assert "| bag, mask, penalty, links |" in (tmp_path / "page.md").read_text()


def test_word_factors():
    neighbours, topics = loaded(LEGACY.parent / "word_factors.py").main(
        ["dog", "river"], size=20_000, n_components=50, n_topics=20, max_iter=15
    )
    assert set(neighbours["dog"]) & {"dogs", "breed", "spaniel", "terrier", "hound", "retriever", "canine", "breeds"}
    assert len(topics) == 20 and all(len(set(topic)) == 8 for topic in topics)


def test_film_atoms():
    described, left, groups = loaded(LEGACY.parent / "film_atoms.py").main(
        ["Rashomon"], size=4000, n_atoms=100, max_iter=8, n_clusters=5, min_count=10
    )
    atoms = described["Rashomon"]
    assert {"Akira Kurosawa", "Japan"} & {name for _, names in atoms for name in names}
    assert 0 < len(atoms) <= 5 and left < 0.8 and len(groups) == 5


def test_film_clusters():
    found = loaded(LEGACY.parent / "film_clusters.py").main(labelled=0.4, size=1500, n_pairs=5000, max_iter=20)
    (plain, *_), (paired, _, later) = found.values()
    assert paired > plain + 0.05 and later > 0.1


@pytest.mark.slow
def test_film_triplets():
    command = [sys.executable, str(LEGACY.parent / "film_triplets.py"), "--blocks", "60"]
    env = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    out = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    before, after = re.search(r"600,000 triplets .* by 2 processes, loss (\S+) -> (\S+)", out).groups()
    assert float(after) < float(before) < 2 * np.log(2) + 0.01
    assert float(re.search(r"than a random pair: (\S+)%", out)[1]) > 50


@pytest.mark.slow
@pytest.mark.parametrize("on", ["processes", "ray"])
def test_gloss_skipgram(on):
    if on == "ray":
        pytest.importorskip("ray", reason="Ray is not installed")
    options = ["--on", on, "--blocks", "120", "--size", "20000", "--", "dog"]
    command = [sys.executable, str(LEGACY.parent / "gloss_skipgram.py"), *options]
    env = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    out = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    before, after = re.search(rf"240,000 pairs .* by 2 workers on {on}, loss (\S+) -> (\S+)", out).groups()
    assert float(after) < 0.9 * float(before) < 6 * np.log(2)
    assert re.search(r"dog: (\S+, ){7}\S+\n", out)


@pytest.mark.slow
def test_reverse_dictionary(tmp_path):
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        script = loaded(LEGACY.parent / "reverse_dictionary.py")
        rows = script.main(tmp_path / "page.md", seconds=0.1, size=1500, held_out=300, n_components=16, peers=False)
        assert f"| {rows[0][0]} |" in (tmp_path / "page.md").read_text()
        X, y, train, test = script.split(load_glosses(min_count=2), 1500, 300)
        known = {word for i in train for word in y[i]}
        assert len(test) and not any(known.isdisjoint(y[i]) for i in test) and not set(train) & set(test)
        model = script.ReverseDictionary(16, margin=5.0, sharpness=1.0, batch_size=32, random_state=0)
        _, epochs, first, ten, hundred, _ = script.trained(model, X, y, train, train[:300], sorted(known), 5.0)
    assert epochs > 1 and first <= ten <= hundred
    assert ten > 0.1  # of those it has seen; by chance: 0.01


@pytest.mark.slow
def test_film_autoencoder():
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        script = loaded(LEGACY.parent / "film_autoencoder.py")
        found, guessed = script.main(d=16, epochs=5, batch=32, size=1500, held_out=300)
    assert found > guessed


def test_word_triples(example, glosses, tmp_path, capsys):
    example("word_triples").main(glosses, tmp_path / "vectors.npz", total=200_000)
    losses = [float(loss) for loss in re.findall(r"loss (\S+)", capsys.readouterr().out)]
    assert losses[-1] < losses[0] < 2 * np.log(2)
    saved = np.load(tmp_path / "vectors.npz")
    assert saved["vectors"].shape == (len(saved["words"]), 100)
    assert np.isfinite(saved["vectors"]).all()


def test_gloss_autoencoder(example, glosses):
    guess, error, same, chance = example("gloss_autoencoder").main(
        glosses, n_glosses=1500, n_words=400, n_hid=32, epochs=8
    )
    assert error < 0.75 * guess
    assert same > 2 * chance


def test_gloss_classifier(example, glosses):
    accuracy, macro_f1 = example("gloss_classifier").main(glosses, n_train=8000, n_test=2000, epochs=4)
    assert accuracy > 0.73  # always noun: 0.70
    assert macro_f1 > 0.5  # always noun: 0.16


def test_film_factors(python):
    run = python("-m", "ptembed", "run", LEGACY / "film_factors.py", FILES / "films.tsv.xz")
    assert run.returncode == 0, run.stderr
    costs = [float(cost) for cost in re.findall(r"cost (\S+)", run.stdout)]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 0.5 * costs[0]
    by_attributes, by_factors = map(float, re.search(r"(\S+) by attributes, (\S+) by factors", run.stdout).groups())
    assert by_factors > by_attributes + 0.05
    near = run.stdout.split("The Godfather (Francis Ford Coppola)\n")[1].splitlines()[:2]
    assert sorted(film[9:] for film in near) == [
        "The Godfather Part II (Francis Ford Coppola)",
        "The Godfather Part III (Francis Ford Coppola)",
    ]
