r"""Non-negative factors of a sparse matrix, which is never made dense: :math:`X \approx W H^T`, W and H not negative.

.. math:: \min_{W, H \ge 0} \; \tfrac12 \lVert X - W H^T \rVert_F^2 + \lambda_W \sum W + \lambda_H \sum H

Words are rows, and both factors are stored tall, (m, k) and (n, k), so that the numbers of a word lie next to each
other. An iteration is :math:`P = X H`, an update of W, :math:`Q = X^T W`, an update of H: O(s k + (m + n) k^2) for s
non-zeros. The objective costs nothing more, being :math:`\tfrac12(\lVert X \rVert^2 - 2 \langle Q, H \rangle + \langle
W^T W, H^T H \rangle)`, added up in float64.

Between iterations HALS steps on in the direction of the last one (Ang & Gillis 2019), further and further while the
objective falls; when it rises, the step is taken back and made shorter.

Memory: two panelled copies of X, 12 bytes a non-zero in float32, four arrays of a factor's size, and the product
of some rows. NNDSVD takes more for a while.

Read next: :mod:`ptembed.factor.nmf_updates`, :mod:`ptembed.factor.products`, :mod:`ptembed.factor.nmf_weighted`.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ptembed.arguments import at_least_one
from ptembed.factor.matrices import check_state, nonnegative
from ptembed.factor.nmf_sparseness import project, sparsely
from ptembed.factor.nmf_starts import started
from ptembed.factor.nmf_updates import hals, hals_rows, multiplicative
from ptembed.factor.nmf_weighted import WeightedHalves
from ptembed.factor.products import Panels, Parts, SparseProducts
from ptembed.kinds import Matrix, Seed

__all__ = ["Factors", "Options", "nmf", "transform"]

UPDATES = ("hals", "multiplicative")
ROWS = 4096  # whose product with the other factor is held
FIRST, LONGER, LIMIT_LONGER, SHORTER = 0.3, 1.05, 1.01, 1.5  # of the step on, Ang & Gillis 2019


class Factors(NamedTuple):
    """What a factorisation gives.

    Attributes
    ----------
    W, H : array, shapes (m, k) and (n, k)
        In the dtype of the matrix.
    objectives : float64 array, shape (iterations,)
        After each iteration, those of a state included; the last one is that of W and H.
    """

    W: np.ndarray
    H: np.ndarray
    objectives: np.ndarray


class Options(NamedTuple):
    """How factors are updated; see :func:`nmf`."""

    update: str = "hals"
    l1: tuple[float, float] = (0.0, 0.0)
    hoyer: tuple[float | None, float | None] = (None, None)
    zero_weight: float = 1.0
    sweeps: int = 4
    extrapolate: bool = True
    n_threads: int = 1

    def check(self) -> None:
        """Raise a `ValueError` for what is out of range or does not go together."""
        if self.update not in UPDATES:
            raise ValueError(f"update must be one of {UPDATES}, got {self.update!r}")
        if len(self.l1) != 2 or not all(0 <= value < np.inf for value in self.l1):
            raise ValueError(f"l1 must be a pair of numbers from 0 on, for W and H, got {self.l1!r}")
        if len(self.hoyer) != 2 or not all(s is None or 0 < s < 1 for s in self.hoyer):
            raise ValueError(f"hoyer must be a pair of None or numbers between 0 and 1, got {self.hoyer!r}")
        if not 0 <= self.zero_weight <= 1:
            raise ValueError(f"zero_weight must lie between 0 and 1, got {self.zero_weight!r}")
        if any(a and b for a, b in zip(self.l1, self.hoyer, strict=True)):
            raise ValueError("l1 and hoyer must not constrain the same factor: give one of them")
        if self.zero_weight < 1 and (self.update != "hals" or self.hoyer != (None, None)):
            raise ValueError("a zero_weight below 1 needs update='hals' without hoyer: leave the others out")
        at_least_one(self.sweeps, "sweeps")
        at_least_one(self.n_threads, "n_threads")

    @property
    def steps_on(self) -> bool:
        """Whether there may be steps on: not where a constraint or a scale would be left."""
        one_sided = (self.l1[0] > 0) != (self.l1[1] > 0)
        return self.extrapolate and self.update == "hals" and self.hoyer == (None, None) and not one_sided


def nmf(
    X: Matrix,
    k: int,
    *,
    start: str | tuple[np.ndarray, np.ndarray] = "nndsvd",
    max_iter: int = 200,
    tol: float = 1e-5,
    seed: Seed = 0,
    callback: Callable[[int, float], object] | None = None,
    halves: Any = None,
    state: Any = None,
    **options: Any,
) -> Factors:
    r"""Factor a sparse matrix into two non-negative ones.

    Parameters
    ----------
    X : sparse matrix, shape (m, n)
        CSR or CSC, numbers from 0 on; other formats and integers are converted.
    k : int
        Components. It may be more than the rank; those that are of no use stay small.
    start : {"nndsvd", "nndsvda", "random"} or pair of arrays (W, H)
        "nndsvda" has the mean of X where "nndsvd" has zeros; a pair is a warm start.
    max_iter : int
    tol : float
        Stop when an iteration lowers the objective by less than this share of it.
    seed : int or numpy.random.Generator
    callback : callable, optional
        Called after each iteration with its number and its objective; stops if it returns True.
    halves : callable, optional
        ``halves(X, options)`` gives who solves the half problems, and what ``products`` it has, as :class:`Halves`
        does; :func:`ptembed.parallel.nmf` has them solved on other machines.
    state : dict, optional
        Filled with where the iterations end. Given to a call with the same matrix and options, these go on as if they
        had never stopped, bit for bit, and ``start`` plays no part.
    update : {"hals", "multiplicative"}
        Multiplicative updates are the baseline: slower, and a zero stays zero.
    l1 : pair of float
        :math:`\lambda_W, \lambda_H`, in units of X. If but one is positive, the components of the other factor are kept
        at length 1: else the penalty would be evaded by their scale.
    hoyer : pair of float or None
        The sparseness of each component of W and of H, between 0 and 1 (:mod:`ptembed.factor.nmf_sparseness`).
    zero_weight : float
        What the square of an error counts where X is zero: 1 as elsewhere, 0 when zeros are missing values. Below 1 an
        iteration costs several times as much (:mod:`ptembed.factor.nmf_weighted`).
    sweeps : int
        At most as often a row is gone over in an update.
    extrapolate : bool
        Whether HALS steps on between iterations. With ``sweeps=1`` and without, it is plain HALS.
    n_threads : int
        The numbers are the same for any.

    Returns
    -------
    Factors

    Raises
    ------
    TypeError, ValueError
        When the matrix or an option is of the wrong kind or out of range; see
        :func:`ptembed.factor.matrices.nonnegative`.

    References
    ----------
    A. Cichocki, A.-H. Phan, 2009 (HALS). N. Gillis, F. Glineur, Neural Computation 24, 2012 (going over rows again).
    A. M. S. Ang, N. Gillis, "Accelerating nonnegative matrix factorization algorithms using extrapolation", Neural
    Computation 31, 2019.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> X = sp.csr_array([[2.0, 4, 0, 0], [1, 2, 0, 0], [0, 0, 3, 1]])
    >>> W, H, objectives = nmf(X, 2)
    >>> (W @ H.T).round(3) + 0.0
    array([[2., 4., 0., 0.],
           [1., 2., 0., 0.],
           [0., 0., 3., 1.]])
    """
    k, max_iter = at_least_one(k, "k"), at_least_one(max_iter, "max_iter")
    chosen = Options(**options)
    chosen.check()
    X = nonnegative(X)
    halves = (halves or (Halves if chosen.zero_weight == 1 else WeightedHalves))(X, chosen)
    total, rng = float(X.data.sum(dtype=np.float64)), np.random.default_rng(seed)
    products = getattr(halves, "products", None) or SparseProducts(X, chosen.n_threads)
    if state:
        check_state(state, {"W": (products.shape[0], k), "H": (products.shape[1], k)}, X.dtype)
        descent = _Descent(**copy.deepcopy(state))
        descent.last = (descent.last or descent.copies()) if chosen.steps_on else None
    else:
        descent = _Descent.begun(started(start, products, k, total, rng), chosen)
    del X, products
    factors = _descend(halves, descent, chosen, max_iter, tol, callback)
    if state is not None:
        state.update(vars(descent))
    return factors


def transform(
    X: Matrix,
    H: Matrix,
    *,
    max_iter: int = 100,
    tol: float = 1e-6,
    l1: float = 0.0,
    zero_weight: float = 1.0,
    n_threads: int = 1,
) -> np.ndarray:
    r"""Give the rows of W for further rows of X, H being fixed.

    Parameters
    ----------
    X : sparse matrix, shape (m, n)
    H : array, shape (n, k)
        As :func:`nmf` gives it.
    max_iter : int
        At most as often each row is gone over.
    tol : float
        Leave a row when its squared move falls below this share of the first.
    l1 : float
        :math:`\lambda_W`.
    zero_weight, n_threads
        As for :func:`nmf`.

    Returns
    -------
    array, shape (m, k)
        In the dtype of X. A row without non-zeros is zero.

    Raises
    ------
    TypeError, ValueError
        As for :func:`nmf`, and when H has not as many rows as X has columns.
    """
    X, options = nonnegative(X), Options(l1=(l1, 0.0), zero_weight=zero_weight, n_threads=n_threads)
    options.check()
    H = np.ascontiguousarray(H, X.dtype)
    if H.ndim != 2 or len(H) != X.shape[1]:
        raise ValueError(f"H must have a row for each of {X.shape[1]} columns of X, got shape {H.shape}")
    W = np.zeros((X.shape[0], H.shape[1]), X.dtype)
    if zero_weight < 1:
        WeightedHalves(X, options).fit_rows(W, H, max_iter, tol)
        return W
    panels = Panels.of_columns(X.T) if X.format == "csc" else Panels.of_rows(X)
    parts = Parts(panels.lengths(), n_threads)
    hals(W, panels.dot(H, np.empty_like(W), parts), H.T @ H, l1, parts, max_iter, tol)
    return W


class Halves:
    """The two half problems, every zero counting as much as a non-zero.

    Each is a method that updates a factor in place and gives the objective, penalties apart.
    """

    def __init__(self, X, options):
        self.products, self.options = SparseProducts(X, options.n_threads), options

    def update_W(self, W, H):
        return self._update(0, W, H)

    def update_H(self, W, H):
        return self._update(1, H, W)

    def _update(self, side, F, other):
        G, options = other.T @ other, self.options
        if options.update == "hals" and not options.hoyer[side]:
            fitted = self._go_over(side, F, other, G)
        else:
            P = self.products.sides[side].dot(other, np.empty_like(F), self.products.parts[side])
            hoyer = options.hoyer[side]
            fitted = sparsely(F, P, G, hoyer, options.sweeps) if hoyer else multiplicative(F, P, G, options.l1[side])
        return 0.5 * self.products.squares - fitted + 0.5 * _inner(G, F.T @ F)

    def _go_over(self, side, F, other, G):
        """Update some rows after the other, so that the product of no more is held; gives <P, F>."""
        panels, l1, sweeps = self.products.sides[side], self.options.l1[side], self.options.sweeps

        def go_over(first, last):
            ranges = ((start, min(start + ROWS, last)) for start in range(first, last, ROWS))
            return sum(hals_rows(F[a:b], panels.rows(other, a, b), G, l1, sweeps) for a, b in ranges)

        return sum(self.products.parts[side].run(go_over))


@dataclass
class _Descent:
    """Where the iterations are: the factors, those before any step on, and how far the next one goes."""

    W: np.ndarray
    H: np.ndarray
    last: list[np.ndarray] | None
    step: "_StepOn"
    objectives: list[float]

    @classmethod
    def begun(cls, factors, options):
        W, H = factors
        for F, target in zip(factors, options.hoyer, strict=True):
            if target:
                F[:] = project(F, target)
        descent = cls(W, H, None, _StepOn(), [])
        descent.last = descent.copies() if options.steps_on else None
        return descent

    def copies(self):
        return [self.W.copy(), self.H.copy()]

    def iterate(self, halves, options):
        if self.objectives and options.steps_on:
            self._step_on()
        halves.update_W(self.W, self.H)
        if options.steps_on:
            self.last[0], self.W = self.W, _beyond(self.last[0], self.W, self.step.length)
        objective = halves.update_H(self.W, self.H)
        _balance(self.W, self.H, options.l1)
        penalties = (weight * float(F.sum()) for weight, F in zip(options.l1, (self.W, self.H), strict=True))
        self.objectives.append(objective + sum(penalties))

    def _step_on(self):
        if self.step.rose(self.objectives):
            self.W[:], self.last[1][:] = self.last[0], self.H
        else:
            self.last[1], self.H = self.H, _beyond(self.last[1], self.H, self.step.length)


def _descend(halves, descent, options, max_iter, tol, callback):
    objectives = descent.objectives
    for t in range(max_iter):
        descent.iterate(halves, options)
        if (callback is not None and callback(t, objectives[-1])) or _settled(objectives, tol):
            break
    return Factors(descent.W, descent.H, np.array(objectives))


def _beyond(before, F, length):
    """Write into ``before``, which is given back, what lies as far beyond ``F`` as ``length`` times the last step."""
    np.subtract(F, before, out=before)
    before *= F.dtype.type(length)
    before += F
    return np.maximum(before, 0, out=before)


class _StepOn:
    """How far to step on; see Ang & Gillis 2019, algorithm 3."""

    def __init__(self):
        self.length, self.limit = FIRST, 1.0

    def rose(self, objectives):
        """Adapt the length; gives whether the objective rose."""
        if len(objectives) > 1 and objectives[-1] > objectives[-2]:
            self.limit, self.length = self.length, self.length / SHORTER
            return True
        self.length = min(self.limit, LONGER * self.length)
        self.limit = min(1.0, LIMIT_LONGER * self.limit)
        return False


def _balance(W, H, l1):
    """Where one factor alone is penalised give the components of the other one length 1, in place."""
    if (l1[0] > 0) == (l1[1] > 0):
        return
    free, penalised = (H, W) if l1[0] > 0 else (W, H)
    lengths = np.linalg.norm(free, axis=0)
    lengths[lengths == 0] = 1
    free /= lengths
    penalised *= lengths


def _settled(objectives, tol):
    if len(objectives) < 2:
        return False
    before, now = objectives[-2:]
    return 0 <= before - now <= tol * max(now, 0)


def _inner(A, B):
    return float(np.einsum("ij,ij->", A, B, dtype=np.float64))
