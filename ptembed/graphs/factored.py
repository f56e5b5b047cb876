r"""An output layer of very many outputs, trained with the exact gradient at a cost that does not depend on how many.

A linear layer :math:`o = W h` with :math:`D` outputs, :math:`W` of shape (D, d), costs :math:`O(m D d)` a step for
:math:`m` examples. Where the loss is spherical (:mod:`ptembed.graphs.spherical`) and an example has :math:`K` targets,
the same step, to rounding, takes :math:`O(m d^2 + m^2 d + m K d)` (Vincent, de Brébisson & Bouthillier, 2015,
*Efficient Exact Gradient Update for Training Deep Networks with Very Large Sparse Targets*). The layer holds

.. math:: W = V U + 1 \omega^T, \qquad Q = W^T W, \qquad \bar w = W^T 1.

What changes all of :math:`W` at once is done to :math:`U` and :math:`\omega`; of the large :math:`V`, a step reads and
writes only the rows of its targets, in place. :mod:`ptembed.graphs.factored_step` has the equations.

**Stability.** Each step multiplies :math:`U` by :math:`P = I - H^T S H`, and its inverse by :math:`P^{-1}`, so that the
condition number :math:`\kappa(U)` grows, and with it the error of :math:`W`, about :math:`\kappa\,\varepsilon`. With
squared error and ordinary learning rates nothing would be left after some hundred steps. So the step follows the
directions in which :math:`U` has shrunk, and moves them from :math:`U` to :math:`V` before that: not to all rows of
:math:`V`, but to a log, with which a row catches up when it is read. Its cost is no function of :math:`D`
(:mod:`ptembed.ops.factored_balance`, :mod:`ptembed.ops.factored_log`). A step for which :math:`P` is singular is done
without its inverse (:mod:`ptembed.ops.factored_inverse`). The small factors are float64 beside a :math:`V` of float32:
products are made in float32, what they add up to is kept in float64.

Read next: :mod:`ptembed.graphs.factored_step`.
"""

from typing import Any, Self

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable

from ptembed import ops
from ptembed.graphs.factored_health import health
from ptembed.graphs.factored_log import FactorLog
from ptembed.graphs.factored_step import SingularFactorsError, read
from ptembed.kinds import Symbol
from ptembed.ops.factored_balance import balance
from ptembed.ops.factored_momentum import move_both
from ptembed.ops.factored_rows import brought_forward

__all__ = ["FactoredOutput", "factored_spherical"]

BLOCK = 8192  # rows; about 10 MB of float32 at d = 300
DTYPES = "float32", "float64"


class FactoredOutput:
    r"""A linear layer as factors; make it with :meth:`from_dense`.

    Called on a hidden layer and targets, it gives what a spherical loss needs, and the updates that train it.

    Parameters
    ----------
    V : shared matrix, shape (D, d)
    UT, Uinv, Q : shared matrices, shape (d, d)
        :math:`U^T`, :math:`U^{-1}` and :math:`Q`
    omega, w_bar : shared vectors, shape (d,)
        :math:`\omega` and :math:`\bar w`
    bias : bool
        Whether the last column of :math:`W` is a bias, so that a hidden layer has d - 1 columns.
    log : FactorLog, optional
        What rows of ``V`` have still to catch up with; an empty one if not given.
    momentum : bool
        Whether the factors are those of :math:`[W, M]` with a velocity :math:`M` beside :math:`W`, twice as wide, for
        training with heavy-ball momentum: see :mod:`ptembed.ops.factored_momentum`.

    Raises
    ------
    TypeError
        When a factor is no shared float32 or float64 tensor; all but ``V`` may be float64 beside a float32 ``V``.
    ValueError
        When the shapes do not fit, or there are fewer outputs than columns.

    Notes
    -----
    The values of ``state`` are all there is to save and to load. None must be changed alone, so give none to another
    optimizer. Rows of ``V`` mean nothing without the log: ask for :meth:`rows`, :meth:`blocks` or :meth:`current_rows`.

    Examples
    --------
    >>> import pytensor.tensor as pt
    >>> from ptembed.graphs.spherical import squared_error
    >>> layer = FactoredOutput.from_dense(np.eye(4, 2))
    >>> H, idx = pt.dmatrix("H"), pt.lmatrix("idx")
    >>> out = layer(H, idx)
    >>> cost = squared_error()(*out.sums).sum()
    >>> step = pytensor.function([H, idx], cost, updates=out.train(cost, 0.25).updates, mode="FAST_COMPILE")
    >>> step(np.array([[1.0, 0.0]]), [[2]])
    array(2.)
    >>> layer.to_dense()[0]
    array([[0.5, 0. ],
           [0. , 1. ],
           [0.5, 0. ],
           [0. , 0. ]])
    """

    def __init__(
        self,
        V: Symbol,
        UT: Symbol,
        Uinv: Symbol,
        Q: Symbol,
        omega: Symbol,
        w_bar: Symbol,
        bias: bool = False,
        log: Symbol = None,
        momentum: bool = False,
    ) -> None:
        self.V, self.UT, self.Uinv, self.Q, self.omega, self.w_bar = V, UT, Uinv, Q, omega, w_bar
        self.bias, self.momentum = bias, momentum
        _check_factors(self.factors, momentum)
        D, d = V.get_value(borrow=True).shape
        self.log = log or FactorLog(D, d, V.type.dtype, momentum)

    @classmethod
    def from_dense(cls, W: np.ndarray, b: np.ndarray | None = None, momentum: bool = False) -> Self:
        """Make a layer of a dense one, :math:`O(D d^2)`.

        Parameters
        ----------
        W : array of float32 or float64, shape (D, d)
        b : array, shape (D,), optional
            A bias: one more column of :math:`W`, which meets a constant 1.
        momentum : bool
            Whether the layer is to be trained with momentum, ``train(..., momentum=0.9)``: with a velocity beside
            :math:`W`, zero at first, which takes as much memory again.

        Returns
        -------
        FactoredOutput

        Raises
        ------
        TypeError, ValueError
            As the class.
        """
        W = np.asarray(W)
        if W.ndim != 2 or W.dtype.name not in DTYPES:
            raise TypeError(f"W must be a matrix of float32 or float64, got {W.dtype} of {W.ndim} dimensions")
        if b is not None and np.shape(b) != W.shape[:1]:
            raise ValueError(f"b must have one number for each of {len(W)} outputs, got shape {np.shape(b)}")
        V = W.copy() if b is None else np.column_stack([W, np.asarray(b, W.dtype)])
        V = np.hstack([V, np.zeros_like(V)]) if momentum else V
        values = {"V": V, "UT": np.eye(V.shape[1]), "Uinv": np.eye(V.shape[1]), "Q": _square(V), "omega": 0 * V[0]}
        shared = [
            pytensor.shared(value.astype("float64" if name != "V" else W.dtype, copy=False), name=name, borrow=True)
            for name, value in (values | {"w_bar": V.sum(axis=0, dtype="float64")}).items()
        ]
        return cls(*shared, bias=b is not None, momentum=momentum)  # type: ignore[misc]

    @property
    def factors(self) -> Any:
        """The six shared variables, in the order of the parameters."""
        return [self.V, self.UT, self.Uinv, self.Q, self.omega, self.w_bar]

    @property
    def state(self) -> Any:
        """All shared variables, in a fixed order: what to save and to load."""
        return [*self.factors, *self.log.shared]

    @property
    def D(self) -> int:
        """How many outputs there are."""
        return len(self.V.get_value(borrow=True))

    @property
    def d(self) -> int:
        """How many columns W has, with that of the bias."""
        return self.UT.get_value(borrow=True).shape[0] // (1 + self.momentum)

    def __call__(self, H: Symbol, idx: Symbol) -> Any:
        """Read a hidden layer and targets; see :func:`ptembed.graphs.factored_step.read`."""
        return read(self, H, idx)

    def rows(self, ids: Symbol) -> Symbol:
        """Give rows of :math:`W` as a symbol.

        Parameters
        ----------
        ids : int tensor, any shape
            Row numbers; repeats are allowed.

        Returns
        -------
        tensor, shape (..., d)
            With the bias as the last column where there is one. Copies: no gradient and no update goes through them.
        """
        ids, dtype = pt.as_tensor(ids), self.V.type.dtype
        V = self.current(ops.row_numbers(ids.ravel(), self.V.shape[0]))
        UT, omega = (x[: self.d] if self.momentum else x for x in (self.UT, self.omega))
        W = pt.cast(pt.cast(V, UT.type.dtype) @ UT.T + omega, dtype)
        return pytensor.gradient.disconnected_grad(W.reshape((*ids.shape, W.shape[1]), ndim=ids.type.ndim + 1))

    def current(self, ids: Symbol) -> Any:
        """Give rows of ``V`` as they are for ``U``, with what the log has for them, as a symbol: copies, (k, d)."""
        return brought_forward(self.V, self.log.stamps, ids, self.log.arrays)

    def current_rows(self, start: int, stop: int) -> np.ndarray:
        """Give rows of ``V`` as they are for ``U``, with what the log has for them, as an array: a copy."""
        V, stamps = self.V.get_value(borrow=True)[start:stop].copy(), self.log.stamps.get_value(borrow=True)
        self.log.bring_forward(V, stamps[start:stop])
        return V

    def blocks(self, size: int = BLOCK) -> Any:
        """Yield :math:`W` in blocks of rows, shape (size, d) but for the last, with the bias as the last column."""
        return self._blocks(size, self.d)

    def _blocks(self, size, width):
        """Yield the first columns of W, and of the velocity where there is one."""
        UT, omega = (x.get_value(borrow=True)[:width] for x in (self.UT, self.omega))
        for start in range(0, self.D, size):
            V = self.current_rows(start, start + size)
            yield (V.astype(UT.dtype) @ UT.T + omega).astype(V.dtype)  # rounded once

    def to_dense(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Give ``W``, shape (D, d), and the bias, shape (D,) or None, as arrays."""
        W = np.concatenate(list(self.blocks()))
        return (W[:, :-1], W[:, -1]) if self.bias else (W, None)

    def top(self, H: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        r"""Find the largest outputs of each example, :math:`O(m D d)` time and memory for one block of rows.

        Parameters
        ----------
        H : array, shape (m, d)
            The hidden layer.
        k : int
            How many, in [1, D].

        Returns
        -------
        ids : array of int64, shape (m, k)
            The outputs, the largest first.
        outputs : array, shape (m, k)

        Raises
        ------
        ValueError
            When ``k`` is out of range or ``H`` does not fit.
        """
        dtype = self.V.type.dtype
        UT, omega = (x.get_value(borrow=True)[: self.d].astype(dtype) for x in (self.UT, self.omega))
        H = self._extended(H)
        if not 1 <= k <= self.D:
            raise ValueError(f"k must lie in [1, {self.D}], got {k}")
        HU, shift = H @ UT, H @ omega
        ids, outputs = np.empty((len(H), 0), "int64"), np.empty((len(H), 0), dtype)
        for start in range(0, self.D, BLOCK):
            more = HU @ self.current_rows(start, start + BLOCK).T + shift[:, None]
            numbers = np.broadcast_to(np.arange(start, start + more.shape[1]), more.shape)
            ids, outputs = _largest(np.hstack([ids, numbers]), np.hstack([outputs, more]), k)
        order = np.argsort(-outputs, axis=1, kind="stable")
        return np.take_along_axis(ids, order, 1), np.take_along_axis(outputs, order, 1)

    def condition(self) -> float:
        r"""Bound the condition number of :math:`U` from above, :math:`O(d^2)`.

        By Cauchy and Schwarz, :math:`\kappa + 1/\kappa \le \lVert U \rVert_F \lVert U^{-1} \rVert_F - d + 2`.

        Returns
        -------
        float
            At least 1, which it is after :meth:`refactorise`.
        """
        UT, Uinv = self.UT.get_value(borrow=True), self.Uinv.get_value(borrow=True)
        half = max(1.0, float(np.linalg.norm(UT) * np.linalg.norm(Uinv) - len(UT) + 2) / 2)
        return float(half + np.sqrt(half**2 - 1))

    def stabilise(self) -> Any:
        r"""Move the directions in which U has become too small to the log of V, :math:`O(d^2)`.

        A fused step does it itself. Exact, and no function of :math:`D`; see :mod:`ptembed.ops.factored_balance`. With
        momentum, U is moved as a whole, :math:`O(d^3)`.
        """
        UT, Uinv, V, stamps, *log = (x.get_value(borrow=True) for x in (self.UT, self.Uinv, self.V, *self.log.shared))
        if self.momentum:
            move_both(UT, Uinv, tuple(log), 1.0)
        balance(UT, Uinv, V, stamps, tuple(log), 0.0 if self.momentum else np.inf)

    def refactorise(self) -> Any:
        r"""Multiply the factors out, :math:`V \leftarrow V U + 1 \omega^T, U \leftarrow I, \omega \leftarrow 0`.

        In place and block by block, :math:`O(D d^2)`; :math:`Q` and :math:`\bar w` are computed afresh.
        """
        V, d = self.V.get_value(borrow=True), self.UT.get_value(borrow=True).shape[0]
        Q, w_bar = np.zeros((d, d)), np.zeros(d)
        for i, W in enumerate(self._blocks(BLOCK, d)):
            V[i * BLOCK : (i + 1) * BLOCK] = W
            Q += W.T @ W.astype("float64")
            w_bar += W.sum(axis=0, dtype="float64")
        for shared, value in zip(self.factors[1:], (np.eye(d), np.eye(d), Q, np.zeros(d), w_bar), strict=True):
            shared.set_value(value.astype(shared.type.dtype), borrow=True)
        self.log.clear()

    def health(self, probes: int = 4) -> Any:
        """Compare the factors with each other; see :func:`ptembed.graphs.factored_health.health`."""
        return health(self, probes)

    def stabilised(self, step: Symbol) -> Any:
        """Make a training function of symbolic steps stabilise the layer; a fused step does it itself.

        Parameters
        ----------
        step : callable
            The compiled training function, of ``train(..., fused=False)``. A call that would make the factors singular
            is repeated once, after :meth:`refactorise`.

        Returns
        -------
        callable
            From the arguments of ``step`` to its result.
        """

        def call(*args, **kwargs):
            try:
                result = step(*args, **kwargs)
            except SingularFactorsError:
                self.refactorise()
                result = step(*args, **kwargs)
            self.stabilise()
            return result

        return call

    def _extended(self, H):
        H = np.asarray(H, self.V.type.dtype)
        d = self.d - self.bias
        if H.ndim != 2 or H.shape[1] != d:
            raise ValueError(f"the hidden layer must have shape (m, {d}), got {H.shape}")
        return np.column_stack([H, np.ones(len(H), H.dtype)]) if self.bias else H


def factored_spherical(
    V: Symbol, UT: Symbol, Uinv: Symbol, QT: Symbol, omega: Symbol, w_bar: Symbol, HT: Symbol, KindexesT: Symbol
) -> Any:
    """Read a hidden layer and targets with factors held by the caller, named as in the authors' Theano code.

    Their Op trained whenever a gradient went through it. Here the updates are the caller's to give:
    ``theano.function(inputs, cost, updates=out.train(cost, eta).updates)``.

    Parameters
    ----------
    V, UT, Uinv, QT, omega, w_bar : shared variables
        As for :class:`FactoredOutput`; ``QT`` is :math:`Q`, which is symmetric.
    HT : matrix, shape (m, d)
        The hidden layer, one example a row.
    KindexesT : int matrix, shape (m, K)
        The targets.

    Returns
    -------
    Reading
        ``AT, q, s = out.sums``, see :class:`ptembed.graphs.factored_step.Reading`.
    """
    return FactoredOutput(V, UT, Uinv, QT, omega, w_bar)(HT, KindexesT)


def _check_factors(factors, momentum):
    V = factors[0]
    for x in factors:
        if not isinstance(x, SharedVariable) or getattr(x.type, "dtype", None) not in DTYPES:
            raise TypeError(f"factors must be shared tensors of float32 or float64, got {x}: see from_dense")
        if x.type.dtype not in (V.type.dtype, "float64"):
            raise TypeError(
                f"factors must have the dtype {V.type.dtype} of V or be float64, got {x.type.dtype} for {x}"
            )
    shapes = [x.get_value(borrow=True).shape for x in factors]
    D, d = shapes[0] if len(shapes[0]) == 2 else (0, 0)
    if shapes != [(D, d), *[(d, d)] * 3, (d,), (d,)]:
        raise ValueError(f"factors must have shapes (D, d), (d, d), (d, d), (d, d), (d,) and (d,), got {shapes}")
    if momentum and d % 2:
        raise ValueError(f"factors with momentum must have an even number of columns, W's and the velocity's, got {d}")
    d = d // 2 if momentum else d
    if not 0 < d <= D:
        raise ValueError(f"the layer must have as many outputs as columns at least, got {D} and {d}: use a dense one")


def _square(V):
    """Give ``V.T @ V``, blocks added in float64."""
    return sum(V[i : i + BLOCK].T @ V[i : i + BLOCK].astype("float64") for i in range(0, len(V), BLOCK))


def _largest(ids, values, k):
    if values.shape[1] <= k:
        return ids, values
    kept = np.argpartition(-values, k - 1, axis=1)[:, :k]
    return np.take_along_axis(ids, kept, 1), np.take_along_axis(values, kept, 1)
