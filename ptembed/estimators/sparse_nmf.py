"""Non-negative factors of a sparse matrix, with scikit-learn's methods.

The arguments and attributes have the names of ``sklearn.decomposition.NMF``, so that one stands for the other in a
pipeline; the matrix stays sparse, and the objective is reached several times as soon.

Read next: :mod:`ptembed.factor.nmf`.
"""

from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ptembed.estimators.callbacks import told
from ptembed.estimators.parameters import Parameters
from ptembed.factor.nmf import UPDATES, nmf, transform
from ptembed.factor.nmf_online import OnlineFactors
from ptembed.kinds import Callback, Matrix, Seed

__all__ = ["SparseNMF"]

KINDS = {"accept_sparse": ["csr", "csc"], "dtype": [np.float32, np.float64]}


class SparseNMF(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Parameters, BaseEstimator):
    r"""Factor a sparse matrix, :math:`X \approx W H^T` with W and H not negative.

    Parameters
    ----------
    n_components : int
    init : {"nndsvd", "nndsvda", "random"} or pair of arrays (W, H)
    solver : {"hals", "multiplicative"}
    max_iter : int
    tol : float
        Stop when an iteration lowers the objective by less than this share of it.
    l1_W, l1_H : float
        The weights of the sums of the factors.
    hoyer_W, hoyer_H : float or None
        The sparseness of each component, between 0 and 1.
    zero_weight : float
        What an error at a zero counts; 0 when zeros are missing values.
    warm_start : bool
        Whether ``fit`` goes on where the last one ended, as if it had not, with the same X; it takes memory for two
        more pairs of factors.
    callback : function or None
        Called after each iteration as ``callback(epoch, loss, seconds)``, the loss being the objective; ``fit`` stops
        where it gives True.
    n_threads : int
    random_state : int or None

    Attributes
    ----------
    components_ : array, shape (n_components, n)
        :math:`H^T`.
    objectives_ : array, shape (iterations,)
        With ``warm_start`` those of the fits before too.
    n_iter_ : int
        Iterations taken.
    n_features_in_ : int
        Columns of X.
    reconstruction_err_ : float
        :math:`\lVert X - W H^T \rVert_F` where nothing is penalised; else the root of twice the objective.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> X = sp.csr_array([[2.0, 4, 0, 0], [1, 2, 0, 0], [0, 0, 3, 1]])
    >>> model = SparseNMF(2).fit(X)
    >>> model.transform(sp.csr_array([[4.0, 8, 3, 1]])).dot(model.components_).round(2)
    array([[4., 8., 3., 1.]])
    """

    def __init__(
        self,
        n_components: int = 50,
        *,
        init: Any = "nndsvd",
        solver: str = "hals",
        max_iter: int = 200,
        tol: float = 1e-5,
        l1_W: float = 0.0,
        l1_H: float = 0.0,
        hoyer_W: float | None = None,
        hoyer_H: float | None = None,
        zero_weight: float = 1.0,
        warm_start: bool = False,
        callback: Callback | None = None,
        n_threads: int = 1,
        random_state: Seed = None,
    ) -> None:
        self._keep(locals())

    def fit(self, X: Matrix, y: Any = None) -> Self:
        """Learn the components.

        Parameters
        ----------
        X : sparse matrix, shape (m, n)
            A dense one is taken as a sparse one.
        y : ignored

        Returns
        -------
        SparseNMF

        Raises
        ------
        TypeError, ValueError
            See :func:`ptembed.factor.nmf.nmf`.
        """
        self.fit_transform(X)
        return self

    def fit_transform(self, X: Matrix, y: Any = None) -> np.ndarray:
        """Learn the components; gives W, shape (m, n_components)."""
        X, state = self._rows(X, reset=True), self._state()
        W, H, self.objectives_ = nmf(
            X, self.n_components, start=self.init, max_iter=self.max_iter, tol=self.tol, seed=self.random_state,
            update=self.solver, l1=(self.l1_W, self.l1_H), hoyer=(self.hoyer_W, self.hoyer_H),
            zero_weight=self.zero_weight, n_threads=self.n_threads, state=state,
            callback=told(self.callback, len((state or {}).get("objectives", ()))),
        )  # fmt: skip
        self.n_iter_, self.reconstruction_err_ = len(self.objectives_), float(np.sqrt(2 * max(self.objectives_[-1], 0)))
        self._descent = state
        self._online: Any = None
        self._learnt(H)
        return W

    def partial_fit(self, X: Matrix, y: Any = None) -> Self:
        """Learn from a minibatch of rows, after others or as the first; see :mod:`ptembed.factor.nmf_online`.

        ``init``, ``solver``, ``tol``, ``max_iter``, Hoyer's sparseness and ``zero_weight`` play no part.
        """
        first = getattr(self, "_online", None) is None
        X = self._rows(X, reset=first)
        if first:
            options = {"l1": (self.l1_W, self.l1_H), "n_threads": self.n_threads, "seed": self.random_state}
            self._online = OnlineFactors(self.n_components, **options)
        self._online.partial_fit(X)
        self.n_iter_, self._descent = self._online.batches, None
        self._learnt(self._online.H)
        return self

    def transform(self, X: Matrix) -> np.ndarray:
        """Give W for rows, the components being fixed, shape (m, n_components)."""
        check_is_fitted(self)
        X, H = self._rows(X, reset=False), np.ascontiguousarray(self.components_.T)
        return transform(X, H, l1=self.l1_W, zero_weight=self.zero_weight, n_threads=self.n_threads)

    def inverse_transform(self, W: Matrix) -> np.ndarray:
        """Give :math:`W H^T`, dense."""
        check_is_fitted(self)
        return np.asarray(W) @ self.components_

    def _rows(self, X, reset):
        if reset:
            self._check_counts("n_components", "max_iter", "n_threads")
            self._check_choices(solver=UPDATES)
            self._check_seed()
        X = validate_data(self, X, reset=reset, **KINDS)
        return X if sp.issparse(X) else sp.csr_array(X)

    def _state(self):
        """Give where the last fit ended, empty before the first; None without a warm start."""
        return (getattr(self, "_descent", None) or {}) if self.warm_start else None

    def _learnt(self, H):
        self.components_ = H.T.copy()

    @property
    def _n_features_out(self):
        return len(self.components_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = tags.input_tags.positive_only = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
