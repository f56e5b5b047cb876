"""Sparse codes by a few atoms a row, and learning the atoms, with scikit-learn's methods.

The arguments and attributes have the names of ``sklearn.decomposition.SparseCoder`` and ``DictionaryLearning`` where
they mean the same. Rows may be sparse, and codes are: what comes next in a pipeline should take a sparse matrix, as
``Normalizer``, ``KMeans`` and linear models do.

Read next: :mod:`ptembed.factor.omp`, :mod:`ptembed.factor.dictionary`.
"""

from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.cluster import KMeans
from sklearn.utils.validation import check_is_fitted, validate_data

from ptembed.estimators.callbacks import told
from ptembed.estimators.parameters import Parameters
from ptembed.factor.dictionary import ksvd
from ptembed.factor.dictionary_online import OnlineDictionary, online_dictionary
from ptembed.factor.matrices import finite
from ptembed.factor.neighbours import unit_rows
from ptembed.factor.omp import Pursuit
from ptembed.kinds import Callback, Matrix, Seed

__all__ = ["DictionaryLearner", "SparseCoder", "code_clusters"]

LEARNERS = {"ksvd": ksvd, "online": online_dictionary}
FLOATS = (np.float64, np.float32)


class _Codes(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Parameters, BaseEstimator):
    """What both have: rows into codes and back, by the atoms ``components_``."""

    def transform(self, X):
        """Give the codes of rows, csr_array of shape (m, n_components), in the dtype of X."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=FLOATS, reset=False)
        return Pursuit(self.components_, X.dtype, **self._pursuit(self._n_features_out)).codes(X).C

    def inverse_transform(self, C):
        """Give the rows that codes stand for, dense, shape (m, n)."""
        check_is_fitted(self)
        rows = C @ self.components_
        return rows.toarray() if sp.issparse(rows) else rows

    def _pursuit(self, n_atoms):
        """Give the options of a pursuit; without any, a tenth of the columns, as scikit-learn has it."""
        most = self.n_nonzero_coefs
        if most is None and self.residual is None:
            most = max(1, min(self.n_features_in_ // 10, n_atoms))
        return {
            "n_nonzero": most, "residual": self.residual, "positive": self.positive_code, "n_threads": self.n_threads,
        }  # fmt: skip

    @property
    def _n_features_out(self):
        return self.components_.shape[0]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class SparseCoder(_Codes):
    """Code rows by a few atoms of a given dictionary each, by orthogonal matching pursuit.

    Parameters
    ----------
    dictionary : array or sparse matrix, shape (n_components, n)
        An atom a row, of length 1.
    n_nonzero_coefs : int, optional
        How many atoms a row may have; a tenth of the columns when nothing is given.
    residual : float, optional
        The share of a row's length that may be left, from 0 to below 1; see :func:`ptembed.factor.omp.omp`.
    positive_code : bool
        Whether weights must be positive.
    n_threads : int

    Attributes
    ----------
    components_ : array or sparse matrix, shape (n_components, n)
        The dictionary.
    n_features_in_ : int

    Examples
    --------
    >>> coder = SparseCoder([[1.0, 0, 0], [0.6, 0.8, 0], [0, 0, 1]], n_nonzero_coefs=1)
    >>> coder.fit_transform([[3.0, 4, 1], [0, 0, 2]]).toarray()
    array([[0., 5., 0.],
           [0., 0., 2.]])
    """

    def __init__(
        self,
        dictionary: ArrayLike,
        *,
        n_nonzero_coefs: int | None = None,
        residual: float | None = None,
        positive_code: bool = False,
        n_threads: int = 1,
    ) -> None:
        self._keep(locals())

    def fit(self, X: Matrix, y: Any = None) -> Self:
        """Check the dictionary against rows, shape (m, n); nothing is learnt."""
        X = validate_data(self, X, accept_sparse="csr", dtype=FLOATS)
        self.components_ = finite(self.dictionary, "dictionary")
        Pursuit(self.components_, X.dtype, **self._pursuit(self._n_features_out)).codes(X[:1])
        return self


class DictionaryLearner(_Codes):
    """Learn atoms of which a few make a row, by K-SVD or from minibatches.

    Parameters
    ----------
    n_components : int
        Atoms; they may be more than the columns.
    n_nonzero_coefs, residual, positive_code, n_threads
        As for :class:`SparseCoder`. With positive weights the atoms are not negative either, and rows may not be.
    fit_algorithm : {"ksvd", "online"}
        "online" goes through the rows in minibatches (:mod:`ptembed.factor.dictionary_online`).
    max_iter : int
    tol : float
        Stop when an iteration lowers the error by less than this share of it.
    batch_size : int
        Of "online".
    dict_init : array, shape (n_components, n), optional
        Atoms to begin with; without, rows drawn at random.
    callback : function or None
        Called after each iteration of ``fit`` as ``callback(epoch, loss, seconds)``, the loss being the error; it stops
        where it gives True.
    random_state : int or None

    Attributes
    ----------
    components_ : array, shape (n_components, n)
        The atoms, of length 1.
    error_ : array, shape (iterations + 1,)
        The sum of squares that the codes leave, before and after each iteration; see
        :class:`ptembed.factor.dictionary.Learnt`.
    n_iter_ : int
        Iterations taken.
    n_features_in_ : int
        Columns of X.

    Examples
    --------
    >>> X = sp.csr_array([[2.0, 2, 0, 0], [1, 1, 0, 0], [0, 0, 3, 4], [1, 1, 3, 4]])
    >>> model = DictionaryLearner(2, n_nonzero_coefs=2, positive_code=True, random_state=1).fit(X)
    >>> model.inverse_transform(model.transform(X)).round(3)
    array([[2., 2., 0., 0.],
           [1., 1., 0., 0.],
           [0., 0., 3., 4.],
           [1., 1., 3., 4.]])
    """

    def __init__(
        self,
        n_components: int = 100,
        *,
        n_nonzero_coefs: int | None = None,
        residual: float | None = None,
        positive_code: bool = False,
        fit_algorithm: str = "ksvd",
        max_iter: int = 30,
        tol: float = 1e-4,
        batch_size: int = 1024,
        dict_init: ArrayLike | None = None,
        callback: Callback | None = None,
        n_threads: int = 1,
        random_state: Seed = None,
    ) -> None:
        self._keep(locals())

    def fit(self, X: Matrix, y: Any = None) -> Self:
        """Learn the atoms from rows, shape (m, n), sparse or dense.

        Raises
        ------
        TypeError, ValueError
            See :func:`ptembed.factor.dictionary.ksvd`.
        """
        X = self._rows(X, reset=True)
        self._online: Any = None
        batches = {"batch_size": self.batch_size} if self.fit_algorithm == "online" else {}
        learnt = LEARNERS[self.fit_algorithm](
            X, self.n_components, start=self.dict_init, max_iter=self.max_iter, tol=self.tol, seed=self.random_state,
            callback=told(self.callback), **batches, **self._pursuit(self.n_components),
        )  # fmt: skip
        self.components_, self.error_, self.n_iter_ = learnt.D, learnt.errors, len(learnt.errors) - 1
        return self

    def partial_fit(self, X: Matrix, y: Any = None) -> Self:
        """Learn from a minibatch of rows, after others or as the first; see :class:`OnlineDictionary`."""
        first = getattr(self, "_online", None) is None
        X = self._rows(X, reset=first)
        if first:
            seed = {"start": self.dict_init, "seed": self.random_state}
            online: Any = OnlineDictionary(self.n_components, **seed, **self._pursuit(self.n_components))
        else:
            online = self._online
        online.partial_fit(X)
        self._online, self.components_, self.n_iter_ = online, online.D, online.batches
        return self

    def _rows(self, X, reset):
        if reset:
            self._check_counts("n_components", "max_iter", "batch_size", "n_threads")
            self._check_choices(fit_algorithm=tuple(LEARNERS))
            self._check_seed()
        return validate_data(self, X, accept_sparse="csr", dtype=FLOATS, reset=reset)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = self.positive_code
        return tags


def code_clusters(
    C: Matrix, n_clusters: int, *, n_init: int = 3, random_state: Seed = None
) -> tuple[np.ndarray, np.ndarray]:
    """Put rows together whose codes have the same direction: k-means on the codes divided by their lengths.

    Parameters
    ----------
    C : sparse matrix or array, shape (m, K)
        Codes; sparse ones stay so.
    n_clusters : int
    n_init, random_state
        Of ``sklearn.cluster.KMeans``.

    Returns
    -------
    labels : int array, shape (m,)
        -1 for rows without a code.
    centres : array, shape (n_clusters, K)
        What the atoms weigh in each cluster.

    Raises
    ------
    ValueError
        When fewer rows than clusters have codes.

    Examples
    --------
    >>> labels, _ = code_clusters(sp.csr_array([[2.0, 0], [5, 0], [0, 0], [0, 3]]), 2, random_state=0)
    >>> bool(labels[0] == labels[1] != labels[3]), int(labels[2])
    (True, -1)
    """
    C = unit_rows(C)
    coded = np.flatnonzero(np.asarray(abs(C).sum(axis=1)).ravel() > 0)
    if len(coded) < n_clusters:
        raise ValueError(f"at least {n_clusters} rows must have codes, got {len(coded)}: give n_clusters fewer")
    labels = np.full(C.shape[0], -1)
    means = KMeans(n_clusters, n_init=n_init, random_state=random_state).fit(C[coded])
    labels[coded] = means.labels_
    return labels, means.cluster_centers_
