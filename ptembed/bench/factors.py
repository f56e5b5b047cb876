"""What counting words and factoring their counts cost, and what the factors are worth: ptembed, scikit-learn, gensim.

NMF is a race to the objective that scikit-learn's coordinate descent has after 40 iterations, all from the same start,
building whatever a side needs included. Counting goes from lists of words to a sparse matrix, and all sides must count
the same. Read :mod:`ptembed.bench.factor_races`, :mod:`ptembed.bench.factor_memory`, :mod:`ptembed.bench.factor_words`.
"""

import importlib.util
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from ptembed.bench.factor_data import association
from ptembed.bench.factor_memory import counting_peak, factoring_peak
from ptembed.bench.factor_races import count_sides, race
from ptembed.bench.factor_words import scores
from ptembed.bench.pages import markdown, publish
from ptembed.bench.row_targets import Target
from ptembed.bench.theano_process import check_paths
from ptembed.bench.timing import machine
from ptembed.data import load_glosses

__all__ = ["QUICK", "Sizes", "main", "measure"]

PACKAGES = ("numpy", "scipy", "numba", "scikit-learn", "gensim")
INSTALL = {"sklearn": "pip install 'ptembed[learn]'", "gensim": "pip install gensim"}

TEXT = """# Word factors, side by side

`python -m ptembed.bench factors{quick}` wrote this page, with one thread everywhere but where two are named:
{machine}.

* NMF: a PPMI matrix of synthetic texts, {n_words:,} x {n_words:,}, {nonzeros:,} non-zeros, float32. All sides begin
  with the same random factors; time is until the objective is reached that scikit-learn's coordinate descent has after
  {iterations} iterations, with all that a side builds. The sides took turns; one thread is compared by CPU seconds,
  two by the clock.
* Counts: which words stand in one gloss, from lists of words to a sparse matrix; all sides count the same pairs. CPU
  seconds, the median of {rounds} rounds in turn.
{missing}
"""


WORDS = """Vectors of the words of the glosses, each gloss being an entry: its lemmas, the definition, examples of use,
and the lemmas of what it is a kind of. Spearman's correlation of the cosines with what people said of {found} pairs of
WordSim-353, of the {rare} of them of which one word occurs less than 100 times, and of {similar} pairs of SimLex-999,
which asks for what is alike, not for what is related. *Scaled*: the components times the lengths of those of the other
factor; *root*: the square roots of these. Which row of a kind is the best was read off WordSim itself, so its figure
flatters; {chosen}
"""


@dataclass(frozen=True)
class Sizes:
    """What is measured."""

    n_words: int = 20_000
    nonzeros: int = 9_500_000
    n_tokens: int = 4_500_000
    components: tuple[int, ...] = (50, 100)
    iterations: int = 40
    rounds: int = 5
    stream: int = 100_000_000
    stream_words: int = 30_000
    glosses: int | None = None
    d: int = 100
    k: int = 300


QUICK = Sizes(
    n_words=300, nonzeros=9_000, n_tokens=20_000, components=(5,), iterations=8, rounds=2, stream=50_000,
    stream_words=500, glosses=20_000, d=20, k=20,
)  # fmt: skip


def main(out="docs/benchmarks", quick=False):
    """Measure everything and write ``factors.md`` into the folder ``out``.

    Raises
    ------
    FileNotFoundError
        When there is no folder ``out``; before anything is measured.
    ImportError
        When there is no scikit-learn.
    RuntimeError
        When two sides do not count the same.
    """
    check_paths(out, None)
    publish(measure(QUICK if quick else Sizes()), out, "factors.md")


def measure(sizes, absent=None):
    """Measure everything; gives the page."""
    if absent is None:
        absent = {name for name in INSTALL if importlib.util.find_spec(name) is None}
    X = association(sizes.n_words, sizes.nonzeros, sizes.n_tokens)
    races = {} if "sklearn" in absent else {k: race(_said(X, k), k, sizes.iterations) for k in sizes.components}
    peaks = _peaks(X, sizes)
    counted = _counted(sizes, absent)
    _say("A stream of words")
    streamed = counting_peak(sizes.stream, sizes.stream_words, min(5_000_000, sizes.stream // 4))
    words = None if "gensim" in absent else scores(sizes.d, sizes.k, size=sizes.glosses)
    targets = [*_race_targets(races), *_peak_targets(X, peaks), *_count_targets(counted)]
    targets += [*_stream_target(sizes, streamed), *_word_targets(words)]
    text = TEXT.format(
        quick=" --quick" * (sizes is QUICK), machine=machine(*PACKAGES), n_words=sizes.n_words, nonzeros=X.nnz,
        iterations=sizes.iterations, rounds=sizes.rounds,
        missing="".join(f"\n{name} is left out: {INSTALL[name]}.\n" for name in sorted(absent)),
    )  # fmt: skip
    held = [(*t[:3], "yes" if t.met else "**no**") for t in targets]
    parts = [text, "## What it is held to\n", markdown(("", "bound", "measured", "met"), held), *_race_table(races)]
    return "\n".join([*parts, *_count_table(counted), *_word_table(words)])


def _race_targets(races):
    for k, r in races.items():
        one, two = r.peer[0] / r.ours[0], r.peer[1] / r.two[1]
        yield Target(f"NMF, k = {k}: scikit-learn / ptembed, one thread", ">= 5", f"{one:.1f}", one >= 5)
        yield Target(f"NMF, k = {k}: scikit-learn / ptembed, two threads", ">= 8", f"{two:.1f}", two >= 8)


def _peaks(X, sizes):
    """Give the peak of NMF for each number of components."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "matrix.npz")
        sp.save_npz(path, X, compressed=False)
        return {k: factoring_peak(str(path), k) for k in sizes.components}


def _peak_targets(X, peaks):
    size = X.data.nbytes + X.indices.nbytes + X.indptr.nbytes
    for k, peak in peaks.items():
        if peak is not None:
            what, times = f"NMF, k = {k}: peak memory beside the matrix of {size / 1e6:.0f} MB", peak / size
            yield Target(what, "<= 2 times it", f"{times:.2f}", times <= 2)


def _counted(sizes, absent):
    """Give the CPU seconds of each way to count, shape (rounds,)."""
    _say("Counts")
    sides = count_sides(list(load_glosses().sentences())[: sizes.glosses], set(INSTALL) - absent)
    taken = {name: np.empty(sizes.rounds) for name in sides}
    for t in range(sizes.rounds):
        for name, count in sides.items():
            start = time.process_time()
            count()
            taken[name][t] = time.process_time() - start
    return taken


def _count_targets(counted):
    for name, taken in counted.items():
        if name != "ptembed":
            times = float(np.median(taken / counted["ptembed"]))
            yield Target(f"counts of the glosses: {name} / ptembed", ">= 3", f"{times:.1f}", times >= 3)


def _stream_target(sizes, streamed):
    if streamed is not None:
        peak, s, seconds = streamed
        measured = f"{peak / 1e9:.2f} GB; {s:,} non-zeros, {seconds:.0f} CPU seconds with drawing the words"
        yield Target(f"{sizes.stream:,} words of a stream: peak of the process", "<= 2 GB", measured, peak <= 2e9)


def _word_targets(words):
    if words is not None:
        best = {kind: max(row[1] for row in words[0] if kind in row[0]) for kind in ("SVD", "NMF")}
        yield Target("WordSim-353: PPMI, SVD", ">= 0.70", f"{best['SVD']:.3f}", best["SVD"] >= 0.7)
        less = best["SVD"] - best["NMF"]
        yield Target("WordSim-353: SVD less NMF", "<= 0.05", f"{less:.3f}", less <= 0.05)


def _race_table(races):
    rows = [
        (f"{k}", f"{r.error:.5f}", f"{r.peer[0]:.1f}", f"{r.ours[0]:.2f}", f"{r.iterations:.0f}", f"{r.peer[1]:.1f}",
         f"{r.two[1]:.2f}")
        for k, r in races.items()
    ]  # fmt: skip
    head = ("k", "relative error", "scikit-learn, CPU s", "ptembed, CPU s", "its iterations")
    return ["## NMF\n", markdown((*head, "scikit-learn, wall s", "ptembed, two threads, wall s"), rows)]


def _count_table(counted):
    rows = [(name, f"{np.median(taken):.2f}") for name, taken in counted.items()]
    return ["## Counts of the glosses\n", markdown(("side", "CPU s"), rows)]


def _word_table(words):
    if words is None:
        return []
    rows, (found, rare, similar) = words
    cells = [(name, *(f"{score:.3f}" for score in scores)) for name, *scores in rows]
    text = WORDS.format(found=found, rare=rare, similar=similar, chosen=_chosen_elsewhere(rows))
    return ["## What the vectors are worth\n", text, markdown(("", "WordSim", "rare words", "SimLex"), cells)]


def _chosen_elsewhere(rows):
    """Say what WordSim gives for the rows that are the best ones of SimLex."""
    best = {kind: max((row for row in rows if kind in row[0]), key=lambda row: row[3]) for kind in ("SVD", "NMF")}
    said = " and ".join(f"{row[1]:.3f} for {kind} ({row[0]})" for kind, row in best.items())
    return f"chosen by SimLex it is {said}."


def _said(X, k):
    _say(f"NMF, {X.nnz:,} non-zeros, k = {k}")
    return X


def _say(line):
    print(line, file=sys.stderr, flush=True)
