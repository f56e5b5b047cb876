"""What sparse coding costs, and learning the atoms: ptembed, scikit-learn, SPAMS.

All sides go from a sparse matrix and atoms to codes, with whatever they need on the way: scikit-learn takes the
products and the Gram matrix, SPAMS the matrix made dense. They take turns on one thread, compared by CPU seconds. SPAMS
chooses atoms by another rule (order-recursive), so its supports are reported and not asked for.
"""

import importlib.util
import sys
import time
import warnings
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from ptembed.bench.pages import markdown, publish
from ptembed.bench.row_targets import Target
from ptembed.bench.theano_process import check_paths
from ptembed.bench.timing import machine, ratio
from ptembed.factor.dictionary import ksvd, starting_atoms
from ptembed.factor.dictionary_online import online_dictionary
from ptembed.factor.neighbours import unit_rows
from ptembed.factor.omp import omp

__all__ = ["QUICK", "Sizes", "main", "measure", "rows_of_topics"]

PACKAGES = ("numpy", "scipy", "numba", "scikit-learn", "spams-bin")
INSTALL = {"sklearn": "pip install 'ptembed[learn]'", "spams": "pip install spams-bin"}
OURS, SKLEARN, SKLEARN64 = "ptembed", "scikit-learn, float32", "scikit-learn, float64"
SPAMS, SPAMS_DENSE = "SPAMS", "SPAMS, the matrix given dense"

TEXT = """# Sparse codes, side by side

`python -m ptembed.bench omp{quick}` wrote this page, with one thread everywhere:
{machine}.

{rows:,} rows of {columns:,} columns, {nonzeros:,} non-zeros, float32; {atoms} atoms of 40 columns each, at most {most}
a row. CPU seconds from the matrix and the atoms to the codes, the median of {rounds} rounds in turn; ratios are medians
of ratios round by round. SPAMS chooses atoms by another rule, so its supports need not be the same.
{missing}
"""

LEARNING = """Learning {atoms} atoms from rows of the same matrix to begin with. *Error* is the sum of squares that
{most} atoms a row leave, the codes being ptembed's for all.
"""


@dataclass(frozen=True)
class Sizes:
    """What is measured."""

    rows: int = 10_000
    columns: int = 2_000
    atoms: int = 500
    most: int = 5
    rounds: int = 7
    passes: int = 10


QUICK = Sizes(rows=300, columns=200, atoms=40, rounds=2, passes=2)


def main(out="docs/benchmarks", quick=False):
    """Measure everything and write ``omp.md`` into the folder ``out``.

    Raises
    ------
    FileNotFoundError
        When there is no folder ``out``; before anything is measured.
    """
    check_paths(out, None)
    publish(measure(QUICK if quick else Sizes()), out, "omp.md")


def measure(sizes, absent=None):
    """Measure everything; gives the page."""
    if absent is None:
        absent = {name for name in INSTALL if importlib.util.find_spec(name) is None}
    X, D = rows_of_topics(sizes.rows, sizes.columns, sizes.atoms)
    sides = coders(X, D, sizes.most, absent)
    taken, codes = _timed(sides, sizes.rounds)
    same = {name: _same_supports(codes.get(SKLEARN64, codes[OURS]), C) for name, C in codes.items()}
    text = TEXT.format(
        quick=" --quick" * (sizes is QUICK), machine=machine(*PACKAGES), rows=sizes.rows, columns=sizes.columns,
        nonzeros=X.nnz, atoms=sizes.atoms, most=sizes.most, rounds=sizes.rounds,
        missing="".join(f"\n{name} is left out: {INSTALL[name]}.\n" for name in sorted(absent)),
    )  # fmt: skip
    held = [(*t[:3], "yes" if t.met else "**no**") for t in _targets(taken, same)]
    lines = [
        (name, f"{np.median(taken[name]):.4f}", f"{ratio(taken[name], taken[OURS]):.1f}", f"{same[name]:.2%}",
         f"{_residual(X, D, codes[name]):.6f}")
        for name in sides
    ]  # fmt: skip
    head = "side", "CPU s", "times ptembed", "rows of scikit-learn's supports", "mean length of the residuals"
    learning = LEARNING.format(atoms=sizes.atoms, most=sizes.most)
    learnt = [(name, f"{seconds:.2f}", f"{error:,.1f}") for name, seconds, error in _learnt(X, sizes, absent)]
    parts = [text, "## What it is held to\n", markdown(("", "bound", "measured", "met"), held)]
    parts += ["## Codes\n", markdown(head, lines)]
    return "\n".join([*parts, "## Atoms\n", learning, markdown(("side", "CPU s", "error"), learnt)])


def rows_of_topics(m, n, k, seed=0):
    """Give rows of about twelve columns from one to four topics, and the topics: X (m, n) csr, D (k, n), float32."""
    rng, frequent = np.random.default_rng(seed), 1 / (np.arange(n) + 5.0)
    frequent /= frequent.sum()
    D = np.zeros((k, n), np.float32)
    for atom in D:
        atom[rng.choice(n, min(40, n // 2), replace=False, p=frequent)] = rng.gamma(1, 1, min(40, n // 2))
    D, rows = unit_rows(D), []
    for _ in range(m):
        topics = rng.choice(k, rng.integers(1, 5), replace=False)
        mixture = rng.dirichlet(np.ones(len(topics))) @ D[topics].astype(float)
        rows.append(np.unique(rng.choice(n, 12, p=mixture / mixture.sum())))
    columns, ends = np.concatenate(rows), np.cumsum([0, *map(len, rows)])
    return unit_rows(sp.csr_array((-np.log(frequent[columns]).astype(np.float32), columns, ends), shape=(m, n))), D


def coders(X, D, most, absent=()):
    """Give by name the ways to code; each gives its codes, shape (m, k)."""
    sides = {OURS: lambda: omp(X, D, most).C}
    if "sklearn" not in absent:
        sides |= {name: lambda dtype=name[-7:]: _sklearn(X, D, most, dtype) for name in (SKLEARN, SKLEARN64)}
    if "spams" not in absent:
        dense = np.asfortranarray(X.T.toarray())
        sides[SPAMS] = lambda: _spams(np.asfortranarray(X.T.toarray()), D, most)
        sides[SPAMS_DENSE] = lambda: _spams(dense, D, most)
    return sides


def _sklearn(X, D, most, dtype):
    from sklearn.linear_model import orthogonal_mp_gram

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return orthogonal_mp_gram((D @ D.T).astype(dtype), (X @ D.T).T.astype(dtype), n_nonzero_coefs=most).T


def _spams(dense, D, most):
    import spams

    return sp.csr_array(spams.omp(dense, np.asfortranarray(D.T), L=most, eps=0.0, numThreads=1).T)


def _timed(sides, rounds):
    """Give the CPU seconds of each side, shape (rounds,), and its codes; a first round, not counted, compiles."""
    codes = {name: sp.csr_array(code()) for name, code in sides.items()}
    taken = {name: np.empty(rounds) for name in sides}
    for t in range(rounds):
        for name, code in sides.items():
            _say(f"round {t + 1}: {name}")
            taken[name][t] = _seconds(code)
    return taken, codes


def _seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def _same_supports(A, B):
    """Give the share of rows that have the same non-zeros."""
    return float((((A != 0) != (B != 0)).sum(axis=1) == 0).mean())


def _residual(X, D, C):
    rows = [np.linalg.norm(X[i : i + 1000].toarray() - C[i : i + 1000] @ D, axis=1) for i in range(0, X.shape[0], 1000)]
    return float(np.concatenate(rows).mean())


def _targets(taken, same):
    for name in (SKLEARN, SKLEARN64):
        if name in taken:
            times = ratio(taken[name], taken[OURS])
            yield Target(f"{name} / ptembed", ">= 30", f"{times:.1f}", times >= 30)
    if SPAMS in taken:
        times = ratio(taken[SPAMS], taken[OURS])
        yield Target("SPAMS / ptembed", ">= 7", f"{times:.1f}", times >= 7)
    if SKLEARN64 in taken:
        yield Target("rows with scikit-learn's supports", "all", f"{same[OURS]:.2%}", same[OURS] == 1)


def _learnt(X, sizes, absent):
    """Give for each way to learn atoms its name, its CPU seconds, and the error of its atoms."""
    k, most, passes = sizes.atoms, sizes.most, sizes.passes
    start = starting_atoms(X, k, None, False, np.random.default_rng(0))
    atoms, options = (X, k, most), {"start": start, "tol": -1}
    sides = {
        f"ptembed, K-SVD, {2 * passes} iterations": lambda: ksvd(*atoms, max_iter=2 * passes, **options).D,
        f"ptembed, online, {passes} times all rows": lambda: online_dictionary(*atoms, max_iter=passes, **options).D,
    }
    if "spams" not in absent:
        sides[f"SPAMS trainDL, {passes} times all rows"] = lambda: _spams_learnt(X, start, most, passes)
    ksvd(X[: 2 * k], k, most, max_iter=1)
    for name, learn in sides.items():
        _say(name)
        begun = time.process_time()
        D = learn()
        yield name, time.process_time() - begun, float(omp(X, D, most).errors.sum())


def _spams_learnt(X, start, most, passes, batch=512):
    import spams

    dense = np.asfortranarray(X.T.toarray())
    D = spams.trainDL(
        dense, D=np.asfortranarray(start.T), mode=3, lambda1=most, iter=max(1, passes * X.shape[0] // batch),
        batchsize=batch, numThreads=1, verbose=False,
    )  # fmt: skip
    return unit_rows(np.ascontiguousarray(D.T))


def _say(line):
    print(line, file=sys.stderr, flush=True)
