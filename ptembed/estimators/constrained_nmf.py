"""Clusters from affinities and pairs, with scikit-learn's methods.

Read next: :mod:`ptembed.factor.constrained`, :mod:`ptembed.factor.propagation`.
"""

from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ptembed.estimators.callbacks import told
from ptembed.estimators.parameters import Parameters
from ptembed.factor.affinity import Features, Graph, joined, nearest_graph
from ptembed.factor.constrained import FORMS, UPDATES, constrained, labels_of, transform
from ptembed.factor.constraints import constraint_matrix, pairs_of_labels
from ptembed.factor.neighbours import Neighbours
from ptembed.factor.propagation import Affinity
from ptembed.kinds import Callback, Matrix, Seed

__all__ = ["ConstrainedNMF"]

AFFINITIES = ("neighbors", "features", "precomputed")


class ConstrainedNMF(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, Parameters, BaseEstimator):
    r"""Cluster samples by their affinities, with pairs that belong together and pairs that do not.

    Parameters
    ----------
    n_clusters : int
    form : {"symmetric", "tri"}
        :math:`A \approx U U^T`, or with centres :math:`U C U^T`.
    affinity : {"neighbors", "features", "precomputed"}
        The graph of the nearest neighbours by the cosine; the dot products of the features, of any sign; or X itself, a
        sparse symmetric matrix of numbers from 0 on.
    n_neighbors : int
    weight : float
        What the pairs of a sample weigh together, where its affinities weigh about 1.
    alpha, steps : float, int
        How far, and over how many neighbours, a pair speaks; ``steps=0`` is the published form, where it speaks of its
        two samples alone.
    balanced : bool
        Give likes and dislikes the same sum.
    transitive : bool
        Whether likes of likes are likes, which dislikes must not contradict.
    n_pairs : int
        At most as many of each kind are drawn from the labels ``y``.
    solver : {"hals", "multiplicative"}
    init : {"spectral", "random"} or array, shape (n, n_clusters)
    max_iter : int
    tol : float
        Stop when an iteration lowers the objective by less than this share of it.
    warm_start : bool
        Whether ``fit`` goes on where the last one ended, as if it had not, with the same X and pairs.
    callback : function or None
        Called after each iteration as ``callback(epoch, loss, seconds)``, the loss being the objective; ``fit`` stops
        where it gives True.
    n_threads : int
    random_state : int or None

    Attributes
    ----------
    embedding_ : array, shape (n, n_clusters)
        U.
    centres_ : array, shape (n_clusters, n_clusters)
        C.
    labels_ : int array, shape (n,)
        -1 for a sample that is like no other.
    objectives_ : array, shape (iterations,)
        With ``warm_start`` those of the fits before too.
    n_iter_ : int
        Iterations taken.
    n_features_in_ : int
        Columns of X.

    Examples
    --------
    >>> X = np.array([[1.0, 0], [1, 0.1], [1, 0.2], [0, 1], [0.1, 1], [0.2, 1]])
    >>> model = ConstrainedNMF(2, n_neighbors=2, random_state=0).fit(X, like=[(0, 2)], dislike=[(0, 3)])
    >>> of = model.labels_
    >>> bool(of[0] == of[1] == of[2] != of[3] == of[4] == of[5])
    True
    >>> bool(model.predict([[3.0, 0.2]])[0] == of[0])
    True
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        form: str = "symmetric",
        affinity: Any = "neighbors",
        n_neighbors: int = 30,
        weight: float = 30.0,
        alpha: float = 0.5,
        steps: int = 2,
        balanced: bool = True,
        transitive: bool = False,
        n_pairs: int = 100_000,
        solver: str = "hals",
        init: Any = "spectral",
        max_iter: int = 100,
        tol: float = 1e-5,
        warm_start: bool = False,
        callback: Callback | None = None,
        n_threads: int = 1,
        random_state: Seed = None,
    ) -> None:
        self._keep(locals())

    def fit(
        self,
        X: Matrix,
        y: Any = None,
        *,
        like: Any = (),
        dislike: Any = (),
        like_weights: ArrayLike | None = None,
        dislike_weights: ArrayLike | None = None,
    ) -> Self:
        """Find the clusters.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, d)
            Samples; for ``affinity="precomputed"`` their affinities, (n, n).
        y : int array, shape (n,), optional
            Labels of some samples, -1 for the others; pairs are drawn from them, in addition to those given.
        like, dislike : int array, shape (p, 2)
            Pairs of row numbers.
        like_weights, dislike_weights : array, shape (p,), optional
            Positive; 1 each by default.

        Returns
        -------
        ConstrainedNMF

        Raises
        ------
        TypeError, ValueError
            When X or a parameter is of the wrong kind or out of range, or pairs contradict each other; see
            :func:`ptembed.factor.constraints.constraint_matrix`.
        """
        self._check_counts("n_clusters", "n_neighbors", "n_pairs", "max_iter", "n_threads")
        self._check_choices(affinity=AFFINITIES, form=FORMS, solver=UPDATES)
        self._check_seed()
        X, rng = self._checked(X, reset=True), np.random.default_rng(self.random_state)
        pairs = self._pairs(X.shape[0], y, like, dislike, like_weights, dislike_weights, rng)
        self._neighbours = Neighbours(X, n_threads=self.n_threads) if self.affinity == "neighbors" else None
        S = self._affinities(X)
        options = {"balanced": self.balanced, "transitive": self.transitive, "dtype": S.dtype}
        W = constraint_matrix(X.shape[0], *pairs, **options)
        self._A = Affinity(S, W, weight=self.weight, alpha=self.alpha, steps=self.steps, n_threads=self.n_threads)
        state = (getattr(self, "_descent", None) or {}) if self.warm_start else None
        self.embedding_, self.centres_, self.objectives_ = constrained(
            self._A, self.n_clusters, form=self.form, update=self.solver, start=self.init, max_iter=self.max_iter,
            tol=self.tol, seed=rng, n_threads=self.n_threads, state=state,
            callback=told(self.callback, len((state or {}).get("objectives", ()))),
        )  # fmt: skip
        self._descent = state
        self.labels_, self.n_iter_ = labels_of(self.embedding_, self.centres_), len(self.objectives_)
        return self

    def fit_transform(self, X: Matrix, y: Any = None, **pairs: Any) -> np.ndarray:
        """Find the clusters; gives U, shape (n, n_clusters)."""
        return self.fit(X, y, **pairs).embedding_

    def fit_predict(self, X: Matrix, y: Any = None, **pairs: Any) -> np.ndarray:
        """Find the clusters; gives the cluster of each sample."""
        return self.fit(X, y, **pairs).labels_

    def transform(self, X: Matrix) -> np.ndarray:
        """Give the rows of U for further samples, shape (m, n_clusters).

        Parameters
        ----------
        X : array or sparse matrix, shape (m, d)
            For ``affinity="precomputed"`` their affinities to the samples of ``fit``, shape (m, n).

        Raises
        ------
        TypeError, ValueError
            When it is not such a matrix.
        """
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        if self._neighbours is not None:
            X = joined(*self._neighbours.near(X, self.n_neighbors), len(self._neighbours))
        return transform(self._A, self.embedding_, self.centres_, X, n_threads=self.n_threads)

    def predict(self, X: Matrix) -> np.ndarray:
        """Give the cluster of further samples; -1 for one that is like none of ``fit``."""
        return labels_of(self.transform(X), self.centres_)

    def _checked(self, X, reset):
        kinds = {"accept_sparse": ["csr", "csc"], "dtype": [np.float64, np.float32], "ensure_min_samples": 1 + reset}
        X = validate_data(self, X, reset=reset, **kinds)
        return sp.csr_array(X) if sp.issparse(X) else X

    def _affinities(self, X):
        if self.affinity == "neighbors":
            return Graph(nearest_graph(self._neighbours, self.n_neighbors), self.n_threads)
        if self.affinity == "features":
            return Features(X, self.n_threads)
        return Graph(X, self.n_threads)

    def _pairs(self, n, y, like, dislike, like_weights, dislike_weights, rng):
        """Give the pairs and their weights, with those that are drawn from labels."""
        if y is None:
            return like, dislike, like_weights, dislike_weights
        y = np.asarray(y)
        if y.shape != (n,) or y.dtype.kind not in "iuf" or (y != np.floor(y)).any():
            got = f"{y.dtype} of shape {y.shape}"
            raise ValueError(f"Unknown label type: y must be {n} whole numbers, -1 where unknown, got {got}")
        drawn = pairs_of_labels(y, self.n_pairs, rng)
        given = [(like, like_weights), (dislike, dislike_weights)]
        both = [_appended(pairs, weights, more) for (pairs, weights), more in zip(given, drawn, strict=True)]
        return both[0][0], both[1][0], both[0][1], both[1][1]

    @property
    def _n_features_out(self):
        return self.embedding_.shape[1]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.pairwise = self.affinity == "precomputed"
        tags.input_tags.positive_only = self.affinity == "precomputed"
        return tags


def _appended(pairs, weights, more):
    pairs = np.reshape(pairs, (-1, 2)) if len(pairs) else np.zeros((0, 2), np.int64)
    weights = np.ones(len(pairs)) if weights is None else np.asarray(weights, np.float64)
    return np.concatenate([pairs, more]), np.concatenate([weights, np.ones(len(more))])
