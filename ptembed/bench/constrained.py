"""What clusters with pairs cost, and what they are worth: memory and time at two sizes, purity on films and on glosses.

Each large fit is done in a fresh process, whose peak is that of all of it: libraries, data, graph and factors. Read
:mod:`ptembed.bench.constrained_costs`, :mod:`ptembed.bench.constrained_scores`.
"""

import sys
from dataclasses import dataclass

from ptembed.bench.constrained_costs import costs, large_costs
from ptembed.bench.constrained_scores import SPREAD, TABLE, scored
from ptembed.bench.pages import markdown, publish
from ptembed.bench.row_targets import Target
from ptembed.bench.theano_process import check_paths
from ptembed.bench.timing import machine
from ptembed.data.labelled import films_by_genre, glosses_by_class

__all__ = ["QUICK", "Sizes", "main", "measure"]

PACKAGES = ("numpy", "scipy", "numba")
TEXT = """# Clusters with pairs

`python -m ptembed.bench constrained{quick}` wrote this page: {machine}. BLAS has one thread.

* {n_glosses:,} glosses of WordNet, the graph of their {neighbours} nearest by the cosine, {pairs:,} pairs of each kind
  drawn from the word classes, k = {k}, at most {iterations} iterations. Seconds from sparse rows to factors, the
  graph included; the peak is that of a fresh process with Python, its libraries, the rows and all else. A dense matrix
  of affinities would have {dense:.1f} GB.
* A synthetic graph of {n_large:,} samples in {k} classes, {neighbours} neighbours each before it is made symmetric, as
  many pairs as samples, k = {k}, {large_iterations} iterations after the spectral start.
* Purity: films in the clusters of their rarest genre, without the genres among their attributes, and glosses in those
  of their word class. *Without a label*: samples of the fit that are in no pair. *Unseen*: a quarter that was kept
  back, assigned by `transform`; beside it their purity when they are in the graph of the fit, *joint*, but in no pair.
  k is {n_clusters}, iterations are {score_iterations}; the figures of the films are means over {rounds} splits.
"""
SCORES = """The share of pairs is of all pairs that there are; the share of labels is of the samples, all of whose pairs
are given, at most {pairs:,} of each kind. Samples without a pair gain where the graph knows of the classes: that of the
films, by people, countries and decades, knows little of genres.
"""


@dataclass(frozen=True)
class Sizes:
    """What is measured."""

    n_glosses: int = 30_000
    n_large: int = 1_000_000
    n_films: int | None = None
    k: int = 50
    n_clusters: int = 20
    neighbours: int = 20
    pairs: int = 100_000
    iterations: int = 100
    score_iterations: int = 50
    large_iterations: int = 3
    rounds: int = 3


QUICK = Sizes(
    n_glosses=400, n_large=2_000, n_films=400, k=5, n_clusters=8, neighbours=5, pairs=300, iterations=5,
    score_iterations=5, large_iterations=2, rounds=2,
)  # fmt: skip


def main(out="docs/benchmarks", quick=False):
    """Measure everything and write ``constrained.md`` into the folder ``out``.

    Raises
    ------
    FileNotFoundError
        When there is no folder ``out``; before anything is measured.
    """
    check_paths(out, None)
    publish(measure(QUICK if quick else Sizes()), out, "constrained.md")


def measure(sizes):
    """Measure everything; gives the page."""
    data = {"films": films_by_genre(sizes.n_films)[:2], "glosses": glosses_by_class(sizes.n_glosses)}
    fits = {}
    for n_threads in (1, 2):
        _say(f"Memory and time, {n_threads} thread(s)")
        fits[n_threads] = costs(*data["glosses"], sizes.k, sizes.neighbours, sizes.pairs, sizes.iterations, n_threads)
    _say("The large graph")
    large = large_costs(sizes.n_large, sizes.k, sizes.neighbours, sizes.large_iterations)
    _say("Purity")
    scores = {"films": scored(*data["films"], sizes, sizes.rounds), "glosses": scored(*data["glosses"], sizes)}
    text = TEXT.format(
        quick=" --quick" * (sizes is QUICK), machine=machine(*PACKAGES), dense=4 * sizes.n_glosses**2 / 1e9,
        **vars(sizes),
    )  # fmt: skip
    targets = [*_cost_targets(fits, large, sizes), *_score_targets(scores)]
    held = [(*t[:3], "yes" if t.met else "**no**") for t in targets]
    parts = [text, "## What it is held to\n", markdown(("", "bound", "measured", "met"), held), "## Purity\n"]
    parts.append(SCORES.format(pairs=sizes.pairs))
    rows = [(data, *(_cell(v) for v in row)) for data, found in scores.items() for row in found]
    return "\n".join([*parts, markdown(("data", *TABLE), rows)])


def _cost_targets(fits, large, sizes):
    n = f"n = {sizes.n_glosses:,}, k = {sizes.k}"
    peaks = [fit[0] for fit in fits.values()]
    if None not in (*peaks, large[0]):
        yield Target(f"{n}: peak of the process", "<= 300 MB", f"{max(peaks) / 1e6:.0f} MB", max(peaks) <= 300e6)
        large_n = f"n = {sizes.n_large:,}, {sizes.neighbours} neighbours, {large[1]:.0f} s: peak of the process"
        yield Target(large_n, "<= 6 GB", f"{large[0] / 1e9:.2f} GB", large[0] <= 6e9)
    for threads, (_, wall, cpu, iterations) in fits.items():
        words = f"{wall:.1f} s ({cpu:.1f} CPU s, {iterations} iterations)"
        yield Target(f"{n}: from rows to factors, {threads} thread{'s' * (threads > 1)}", "<= 60 s", words, wall <= 60)


def _score_targets(scores):
    for data, rows in scores.items():
        plain = rows[0].purity
        for row in rows[1:]:
            if row.pairs.startswith("1 %") and (row.form == SPREAD or "all" in row.pairs):
                what, bound = f"{data}, {row.pairs}, {row.form}: purity", f"> {plain:.3f}, without pairs"
                yield Target(what, bound, f"{row.purity:.3f}", row.purity > plain)
        for row in rows:
            if row.joint is not None:
                what, share = f"{data}, {row.pairs}, {row.form}: unseen / joint", row.unseen / row.joint
                yield Target(what, ">= 0.97", f"{share:.3f}", share >= 0.97)


def _cell(value):
    return value if isinstance(value, str) else "" if value is None else f"{value:.3f}"


def _say(line):
    print(line, file=sys.stderr, flush=True)
