r"""A classifier of short texts: masked bags of embeddings and a softmax, with scikit-learn's methods.

A text is :math:`s = \sum_t E_t \odot M_t` over its tokens, and its class has the probability
:math:`\mathrm{softmax}(s U + b)`; rare classes weigh more in the loss. Training takes minibatches of texts in one
compiled call an epoch; a step reads and writes the rows of its tokens alone, :math:`O(T d)`.

Read next: :mod:`ptembed.graphs.bags`, :mod:`ptembed.estimators.texts`.
"""

from typing import Any, Self

import numpy as np
import pytensor
import pytensor.tensor as pt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from ptembed import graphs, train
from ptembed.estimators.callbacks import told
from ptembed.estimators.compiled import OPTIMIZERS, Compiled, minibatch, shared_bags, texts_of
from ptembed.estimators.texts import bags_of, checked, entries_of, is_matrix, vocabulary_of
from ptembed.graphs.bags import bag, classifier
from ptembed.graphs.losses import FORMULAS, class_weights, cross_entropy
from ptembed.graphs.memory import triples
from ptembed.kinds import Callback, Seed

__all__ = ["BagClassifier"]

CHUNK = 20_000  # texts that are predicted at once


class BagClassifier(ClassifierMixin, Compiled, BaseEstimator):
    r"""Classify texts by masked bags of embeddings.

    Parameters
    ----------
    n_components : int
        :math:`d`, the numbers of an embedding.
    mask : bool
        Whether each token has a mask :math:`M_t`, ones at first, by which its embedding is multiplied.
    reduce : {"sum", "mean", "max"}
    class_weight : {"log", "inverse", "balanced", "sqrt", "effective"}, dict or None
        What an example of a class counts, see :func:`ptembed.graphs.losses.class_weights`; a dict gives it for each
        label, 1 for those that are not in it; None: all the same.
    label_smoothing : float
        :math:`\epsilon \in [0, 1)`
    optimizer : {"adagrad", "adam", "momentum", "rmsprop", "sgd"}
    learning_rate : float
        :math:`\eta > 0`
    batch_size : int
        Texts in a step; their losses add.
    max_iter : int
        Epochs.
    min_count : int
        Tokens that occur fewer times in the texts are not learnt; only for texts as lists of tokens.
    hops : int
        How often a text attends to its memory, where there is one.
    callback : function or None
        Called after each epoch as ``callback(epoch, loss, seconds)``; training stops where it gives True.
    dtype : {"float32", "float64"}
    random_state : int, Generator or None

    Attributes
    ----------
    classes_ : array, shape (C,)
    vocabulary_ : dict or None
        The row of each token, where texts were given as lists of tokens.
    embedding_, mask_ : arrays, shape (N, d)
        :math:`E` and :math:`M`; ``mask_`` is None without a mask.
    coef_, intercept_ : arrays, shapes (d, C) and (C,)
        :math:`U` and :math:`b`
    entities_, relations_ : arrays, shapes (n_entities, d) and (n_relations, d)
        What the memory is made of; None without.
    loss_ : float
        The mean loss of the last epoch.
    n_features_in_ : int
        N
    n_iter_ : int
        Epochs taken.

    Notes
    -----
    Texts are lists of tokens, or a sparse matrix of texts x tokens whose numbers weigh the tokens; tokens that were not
    learnt are passed over, and a text without any is classified by the intercept.

    A *memory* gives for each text some triples (subject, relation, object) by number, as a pair of arrays ``entries``
    (T, 3) and ``offsets`` (m + 1,); see :mod:`ptembed.graphs.memory`.

    Examples
    --------
    >>> texts = [["red", "ball"], ["blue", "ball"], ["run", "fast"], ["fast", "walk"]] * 5
    >>> classes = ["noun", "noun", "verb", "verb"] * 5
    >>> model = BagClassifier(n_components=4, max_iter=40, random_state=0).fit(texts, classes)
    >>> model.predict([["ball"], ["walk"]])
    array(['noun', 'verb'], dtype='<U4')
    """

    def __init__(
        self,
        n_components: int = 50,
        *,
        mask: bool = True,
        reduce: str = "sum",
        class_weight: Any = "log",
        label_smoothing: float = 0.0,
        optimizer: str = "adagrad",
        learning_rate: float = 0.05,
        batch_size: int = 32,
        max_iter: int = 10,
        min_count: int = 1,
        hops: int = 1,
        callback: Callback | None = None,
        dtype: str = "float32",
        random_state: Seed = None,
    ) -> None:
        self._keep(locals())

    def fit(self, X: Any, y: Any, memory: Any = None) -> Self:
        """Learn from texts and their classes.

        Parameters
        ----------
        X : list of lists of tokens, or sparse matrix, shape (m, N)
            A dense matrix is converted, with a warning, if it is small.
        y : sequence of m labels
        memory : pair of arrays, optional

        Returns
        -------
        BagClassifier

        Raises
        ------
        TypeError, ValueError
            When the data or a parameter is of the wrong kind, size or range.
        """
        X, y = self._data(X, reset=True), _labels(y)
        self._start(X, y, None, memory)
        return self._train(X, y, memory, self.max_iter)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, memory: Any = None) -> Self:
        """Learn from more texts, one epoch.

        Parameters
        ----------
        X, y, memory
            As for :meth:`fit`. Vocabulary, entities and relations are those of the first call.
        classes : sequence of labels
            All there will be; needed in the first call, and not taken later.

        Returns
        -------
        BagClassifier

        Raises
        ------
        ValueError
            When ``classes`` are missing in the first call, or a label is not among them.
        """
        first = not hasattr(self, "classes_")
        if first and classes is None:
            raise ValueError("classes must be given in the first call of partial_fit, got None: give all labels")
        X, y = self._data(X, reset=first), _labels(y)
        if first:
            self._start(X, y, classes, memory)
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(f"classes must be those of the first call, {self.classes_.tolist()}, got {classes}")
        return self._train(X, y, memory, 1)

    def predict_proba(self, X: Any, memory: Any = None) -> np.ndarray:
        """Give the probability of each class.

        Parameters
        ----------
        X, memory
            As for :meth:`fit`, with a memory if there was one.

        Returns
        -------
        array, shape (m, C)
        """
        check_is_fitted(self)
        bags = bags_of(self._data(X), self.vocabulary_, self.n_features_in_, self.dtype)
        entries = self._entries(memory, len(bags))
        model = self._model()
        parts = [np.empty((0, len(self.classes_)), self.dtype)]
        for start in range(0, len(bags), CHUNK):
            numbers = np.arange(start, min(start + CHUNK, len(bags)))
            parts.append(model.probabilities(bags.take(numbers), entries and entries.take(numbers)))
        return np.concatenate(parts)

    def predict(self, X: Any, memory: Any = None) -> np.ndarray:
        """Give the most probable label of each text."""
        best = self.predict_proba(X, memory).argmax(axis=1)
        return self.classes_[best]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _data(self, X, reset=False):
        if reset:
            self._check_parameters()
        return checked(self, X, reset)

    def _start(self, X, y, classes, memory):
        """Begin with random embeddings, masks of ones, and zeros."""
        self.classes_ = np.unique(y if classes is None else classes)
        if len(self.classes_) < 2:
            raise ValueError(f"y must have two classes or more, got 1 class: {self.classes_.tolist()}")
        self.vocabulary_ = None if is_matrix(X) else vocabulary_of(X, self.min_count)
        self.n_features_in_ = X.shape[1] if self.vocabulary_ is None else len(self.vocabulary_)
        self.n_iter_ = 0
        self._rng, d, C = np.random.default_rng(self.random_state), self.n_components, len(self.classes_)
        self.embedding_ = self._random(self.n_features_in_, d)
        self.mask_ = np.ones((self.n_features_in_, d), self.dtype) if self.mask else None
        self.coef_, self.intercept_ = self._random(d, C), np.zeros(C, self.dtype)
        self.entities_ = self.relations_ = None
        if memory is not None:
            largest = np.asarray(memory[0]).reshape(-1, 3).max(axis=0, initial=0)
            self.entities_ = self._random(max(largest[0], largest[2]) + 1, d)
            self.relations_ = self._random(largest[1] + 1, d)
        self._forget()

    def _random(self, *shape):
        return self._rng.normal(0, 0.1, shape).astype(self.dtype)

    def _check_parameters(self):
        self._check_counts("n_components", "batch_size", "max_iter", "min_count", "hops")
        self._check_seed()
        self._check_choices(optimizer=OPTIMIZERS)
        if not isinstance(self.class_weight, dict):
            self._check_choices(class_weight=(None, *FORMULAS))
        self._check_choices(dtype=("float32", "float64"))
        self._check_positive("learning_rate")

    def _train(self, X, y, memory, epochs):
        bags = bags_of(X, self.vocabulary_, self.n_features_in_, self.dtype)
        y, entries = self._class_numbers(y, len(bags)), self._entries(memory, len(bags))
        weights, stops = self._weights(y), told(self.callback, self.n_iter_)
        model = self._model()
        for t in range(epochs):
            order = self._rng.permutation(len(bags))
            losses = model.epoch(bags.take(order), y[order], weights, entries and entries.take(order))
            self.loss_ = float(losses.sum() / max(len(bags), 1))
            self.n_iter_ += 1
            if stops(t, self.loss_):
                break
        for name, variable in model.variables.items():
            setattr(self, name, variable.get_value())
        return self

    def _class_numbers(self, y, m):
        if y.shape != (m,):
            raise ValueError(f"y must have one label for each of {m} texts, got shape {y.shape}")
        numbers = np.searchsorted(self.classes_, y).clip(0, len(self.classes_) - 1)
        unknown = y[self.classes_[numbers] != y]
        if len(unknown):
            raise ValueError(f"y must hold labels of {self.classes_.tolist()}, got {unknown[0]!r}")
        return numbers

    def _weights(self, y):
        """Weigh the classes; one that has no example yet as if it had one."""
        if self.class_weight is None:
            return np.ones(len(self.classes_), self.dtype)
        if isinstance(self.class_weight, dict):
            return np.array([self.class_weight.get(label, 1) for label in self.classes_.tolist()], self.dtype)
        absent = np.setdiff1d(np.arange(len(self.classes_)), y)
        return class_weights(np.append(y, absent), self.class_weight, len(self.classes_)).astype(self.dtype)

    def _entries(self, memory, m):
        if (memory is None) != (self.entities_ is None):
            raise ValueError("a memory must be given to all calls or to none: it was fitted otherwise")
        return None if memory is None else entries_of(memory, m, len(self.entities_), len(self.relations_))

    def _compile(self):
        return _Model(self)


def _labels(y):
    if y is None:
        raise ValueError("y must be given: BagClassifier requires y to be passed, but the target y is None")
    y = column_or_1d(y, warn=True)
    check_classification_targets(y)
    return y


class _Model:
    """The compiled functions of one classifier, and its variables by the names of its attributes."""

    def __init__(self, estimator):
        names = ("embedding_", "mask_", "coef_", "intercept_", "entities_", "relations_")
        values = {name: getattr(estimator, name) for name in names}
        self.variables = {n: pytensor.shared(v, name=n.rstrip("_")) for n, v in values.items() if v is not None}
        self.estimator, self.steps, self.predictor, self.histories = estimator, None, None, []

    def epoch(self, bags, y, weights, entries):
        """Take a step for each minibatch; gives their losses."""
        if self.steps is None:
            self._compile_steps(entries is not None)
        size = self.estimator.batch_size
        for variable, value in zip(self.data, (*bags, y, weights, *(entries or ())), strict=True):
            variable.set_value(value)
        return self.steps(np.arange(0, len(y), size), np.asarray(self.estimator.learning_rate, self.estimator.dtype))

    def probabilities(self, bags, entries):
        """Softmax of the logits, shape (m, C)."""
        if self.predictor is None:
            inputs = [pt.lvector(), pt.lvector(), pt.vector(dtype=self.estimator.dtype)]
            memory = [pt.lmatrix(), pt.lvector()] if entries is not None else []
            logits, _ = self._logits(inputs, memory)
            self.predictor = pytensor.function([*inputs, *memory], pt.special.softmax(logits, axis=1))
        return self.predictor(*bags, *(entries or ()))

    def _compile_steps(self, with_memory):
        model = self.estimator
        start, end = pt.lscalar("start"), np.int64(model.batch_size)
        bags = shared_bags(model.dtype)
        y, weights = pytensor.shared(np.zeros(0, "int64")), pytensor.shared(np.zeros(0, model.dtype))
        self.data, memory = [*bags, y, weights], []
        if with_memory:
            self.data += [pytensor.shared(v) for v in (np.zeros((0, 3), "int64"), np.zeros(1, "int64"))]
            memory = minibatch(*self.data[-2:], start, end)
        logits, params = self._logits(texts_of(bags, start, end), memory)
        loss = cross_entropy(logits, y[start : start + end], weights, model.label_smoothing).sum()
        learning_rate = pt.scalar("learning_rate", dtype=model.dtype)
        updates = getattr(graphs, model.optimizer)(loss, params, learning_rate)
        known = set(self.variables.values())
        self.histories = model._remember([variable for variable in updates if variable not in known])
        self.steps = train.block([start], loss, updates, fixed=[learning_rate])

    def _logits(self, bags, memory):
        v, model = self.variables, self.estimator
        ids, offsets, numbers = bags
        weights = None if model.reduce == "max" else numbers
        made = bag(v["embedding_"], ids, offsets, mask=v.get("mask_"), weights=weights, reduce=model.reduce)
        found = triples(v["entities_"], v["relations_"], *memory) if memory else None
        return classifier(made, v["coef_"], v["intercept_"], memory=found, hops=model.hops)
