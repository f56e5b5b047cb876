"""``python -m ptembed demo``: a Theano script of 2016 trains word vectors on WordNet's glosses, unported.

The script is :mod:`word_triples` beside this file; it imports ``theano`` and knows nothing of ptembed. The demo runs it
through the drop-in and shows what came out: the neighbours of some words, a score, a picture, and what a step costs in
the dense form and in the row form. Read :mod:`ptembed.demo.step_times` next.
"""

import runpy
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ptembed import plots
from ptembed.extras import needs
from ptembed.kinds import Matrix

__all__ = ["link_score", "main", "neighbours", "unit_rows"]

SCRIPT = Path(__file__).parent / "word_triples.py"
WORDS = ("coach", "rock", "space")
EARLY = 2_000_000  # triples after which words have neighbours worth a look


def main(words: Sequence[str] = (), out: str = "ptembed-demo.png", total: int = 30_000_000) -> None:
    """Train, print, and write the picture ``out``.

    Parameters
    ----------
    words : sequence of at most 5 str
        Shown beside ``coach``, ``rock`` and ``space``.
    out : str
        The PNG to write.
    total : int
        Triples to train on, at least 1.

    Raises
    ------
    ValueError
        If more than five words are asked for, one does not occur in the glosses, or ``total`` is below 1; before
        anything is trained.
    FileNotFoundError
        If the folder of ``out`` does not exist; before anything is trained.
    ImportError
        Without the extra ``learn``; before anything is trained.
    """
    tqdm = needs("tqdm", "learn").tqdm
    for library in ("sklearn", "matplotlib", "adjustText"):
        needs(library, "learn")
    _check(words, out, total)
    script = _load_script()

    _say("Reading 117,659 glosses of WordNet")
    from ptembed.data.table import FILES

    vocabulary, counts, pairs = script["read"](str(FILES / "glosses.tsv.xz"))
    index = {word: i for i, word in enumerate(vocabulary)}
    shown = _known([*WORDS, *words], index)
    _say(f"{len(vocabulary):,} words that occur 5 times or more, {len(pairs):,} pairs of words within 5 of each other")

    _say(f"Training on {total:,} triples (ref, pos, neg): compiling {SCRIPT.name} first")
    curve, early = [], total > 2 * EARLY
    with tqdm(total=total, unit=" triples", unit_scale=True) as bar:
        for done, loss, W in script["train"](counts, pairs, total):
            curve.append((done, loss))
            bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
            bar.update(min(done, total) - bar.n)
            if early and done >= EARLY:
                first = _shown(unit_rows(W.get_value()), vocabulary, [index[word] for word in shown], 5)
                bar.write(f"after {done / 1e6:.1f} million triples:\n{first}\n", file=sys.stderr)
                early = False
    vectors = unit_rows(W.get_value())

    print(f"\nloss {curve[0][1]:.4f} -> {curve[-1][1]:.4f}\n")
    print(_shown(vectors, vocabulary, [index[word] for word in shown], 8))

    from ptembed.data import load_glosses

    _say("Scoring against WordNet's links, which the training did not see")
    score, links = link_score(vectors, index, load_glosses())
    print(f"A word is nearer to its hypernym than to a random word in {score:.1%} of {links:,} links (50 % is chance)")

    from ptembed.demo.step_times import step_times

    _say("Timing one step of one triple in a matrix of 200,000 x 100, float32")
    dense, row = step_times(200_000, 100)
    print(f"dense form {dense * 1e6:10,.1f} us a step")
    print(f"row form   {row * 1e6:10,.1f} us a step: {dense / row:,.0f} times as fast")

    _say(f"Drawing {out}")
    _picture(curve, vectors, vocabulary, [index[word] for word in shown], out)


def unit_rows(W: Matrix) -> np.ndarray:
    """The rows of ``W``, each divided by its Euclidean length; a row of zeros stays as it is."""
    return W / np.maximum(np.linalg.norm(W, axis=1, keepdims=True), np.finfo(W.dtype).tiny)


def neighbours(vectors: Any, i: int, k: int) -> np.ndarray:
    """The ``k`` rows of unit-length ``vectors`` with the greatest cosine to row ``i``, itself left out, nearest first.

    Examples
    --------
    >>> neighbours(unit_rows(np.array([[1.0, 0], [1, 1], [1, 0.1], [-1, 0]])), 0, 2).tolist()
    [2, 1]
    """
    order = np.argsort(-(vectors @ vectors[i]), kind="stable")
    return order[order != i][:k]


def link_score(vectors: Any, index: Any, glosses: Any, seed: int = 0) -> tuple[float, int]:
    """How often a word is nearer to its hypernym than to the hypernym of another word.

    The area under the ROC curve of the cosine as a test for a link; one word, the first, stands for each synset.

    Parameters
    ----------
    vectors : array, shape (N, d)
        Rows of unit length.
    index : dict of str to int
        The row of each word.
    glosses : Glosses
        Whose hypernym links are taken.
    seed : int
        Of the random partners.

    Returns
    -------
    score : float
        From 0 to 1; 0.5 is chance.
    links : int
        How many links have both words in ``index``.
    """
    from scipy.stats import mannwhitneyu

    first = [index.get(lemmas[0].lower(), -1) for lemmas in glosses.lemmas]
    child, parent = np.array(first)[glosses.hypernyms].T
    known = (child >= 0) & (parent >= 0) & (child != parent)
    child, parent = child[known], parent[known]
    other = np.random.default_rng(seed).permutation(parent)
    linked = np.einsum("ij,ij->i", vectors[child], vectors[parent])
    random = np.einsum("ij,ij->i", vectors[child], vectors[other])
    return float(mannwhitneyu(linked, random).statistic / (len(linked) * len(random))), len(child)


def _load_script() -> dict:
    """The functions of the script, which finds the drop-in under the name ``theano`` and float32 as its dtype."""
    from ptembed.legacy import activate

    activate().config.floatX = "float32"
    return runpy.run_path(str(SCRIPT))


def _check(words, out, total) -> None:
    if len(words) > 5:
        raise ValueError(f"At most five words can be shown beside {', '.join(WORDS)}: got {len(words)}.")
    if total < 1:
        raise ValueError(f"The number of triples must be at least 1, got {total}.")
    folder = Path(out).resolve().parent
    if not folder.is_dir():
        raise FileNotFoundError(f"The folder of the picture must exist, but there is no {folder}.")


def _known(words, index) -> list[str]:
    unknown = [word for word in words if word.lower() not in index]
    if unknown:
        raise ValueError(f"The word {unknown[0]!r} does not occur five times in the glosses: choose another one.")
    return list(dict.fromkeys(word.lower() for word in words))


def _shown(vectors, vocabulary, numbers, k) -> str:
    """A line for each word, with its ``k`` nearest."""
    near = ((vocabulary[i], ", ".join(vocabulary[j] for j in neighbours(vectors, i, k))) for i in numbers)
    return "\n".join(f"{word:>10s}: {words}" for word, words in near)


_START = time.perf_counter()


def _say(text: str) -> None:
    print(f"[{time.perf_counter() - _START:5.1f} s] {text} ...", file=sys.stderr, flush=True)


def _picture(curve, vectors, vocabulary, shown, out) -> None:
    figure = needs("matplotlib.figure", "learn").Figure(figsize=(12, 5.5), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 2))
    steps, losses = np.transpose(curve)
    plots.loss_curve(steps / 1e6, losses, left).set(xlabel="million triples", title="loss of a triple")
    near = {int(j): group for group, i in reversed(list(enumerate(shown))) for j in (i, *neighbours(vectors, i, 9))}
    rows = list(near)
    plots.word_map(vectors[rows], [vocabulary[i] for i in rows], list(near.values()), right)
    right.set_title("words and their neighbours (t-SNE)")
    figure.savefig(out, dpi=110)
