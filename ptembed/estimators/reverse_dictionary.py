r"""A reverse dictionary: from a definition to the word that it defines, out of all words there are.

A text is :math:`h = \frac1T \sum_t E_t` over its :math:`T` tokens, and the scores of the :math:`D` words are
:math:`W h`. The output layer is factored (:mod:`ptembed.graphs.factored`), so that a step trains :math:`E` and
:math:`W` with the exact gradient at a cost that does not depend on :math:`D`, in one compiled call for an epoch. The
loss is therefore of the spherical family, by default the Z-loss, which is made for ranking.

Read next: :mod:`ptembed.graphs.spherical`, :mod:`ptembed.estimators.texts`.
"""

from typing import Any, Self

import numpy as np
import pytensor
import pytensor.tensor as pt
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ptembed import graphs, train
from ptembed.estimators.callbacks import told
from ptembed.estimators.compiled import OPTIMIZERS, Compiled, shared_bags, texts_of
from ptembed.estimators.texts import bags_of, checked, is_matrix, vocabulary_of
from ptembed.graphs.bags import bag
from ptembed.graphs.factored import FactoredOutput
from ptembed.graphs.spherical import spherical_softmax, squared_error, taylor_softmax, z_loss
from ptembed.kinds import Callback, Matrix, Seed

__all__ = ["ReverseDictionary"]

CHUNK = 2_000  # texts whose words are looked for at once

LOSSES = {
    "spherical_softmax": lambda model, D: spherical_softmax(D),
    "squared_error": lambda model, D: squared_error(model.margin),
    "taylor_softmax": lambda model, D: taylor_softmax(D),
    "z_loss": lambda model, D: z_loss(D, a=model.sharpness, b=model.margin),
}


class ReverseDictionary(Compiled, BaseEstimator):
    r"""Find the words that a text defines.

    Parameters
    ----------
    n_components : int
        :math:`d`, the numbers of an embedding and of a word's weights; at most as many as there are words.
    loss : {"z_loss", "taylor_softmax", "spherical_softmax", "squared_error"}
        See :mod:`ptembed.graphs.spherical`.
    sharpness, margin : float
        :math:`a > 0` and :math:`b` of the Z-loss: a word is to be ``margin`` standard deviations above the mean of all.
        The squared error takes the margin as its target.
    learning_rate : float
        :math:`\eta > 0` of the output layer, for the mean loss of a minibatch.
    optimizer : {"adagrad", "adam", "momentum", "rmsprop", "sgd"}
        Of the embedding.
    embedding_rate : float
        Its learning rate, positive.
    batch_size : int
        Pairs of a text and a word in a step.
    max_iter : int
        Epochs.
    min_count : int
        Tokens that occur fewer times in the texts are not learnt; only for texts as lists of tokens.
    callback : function or None
        Called after each epoch as ``callback(epoch, loss, seconds)``; training stops where it gives True.
    dtype : {"float32", "float64"}
    random_state : int, Generator or None

    Attributes
    ----------
    classes_ : array, shape (D,)
        The words.
    vocabulary_ : dict or None
        The row of each token, where texts were given as lists of tokens.
    embedding_ : array, shape (N, d)
        :math:`E`
    layer_ : FactoredOutput
        The output layer; ``layer_.to_dense()`` gives :math:`W`.
    loss_ : float
        The mean loss of the last epoch.
    n_features_in_ : int
        N
    n_iter_ : int
        Epochs taken.

    Notes
    -----
    Texts are lists of tokens, or a sparse matrix of texts x tokens whose numbers weigh the tokens; tokens that were not
    learnt are passed over.

    Examples
    --------
    >>> texts = [["young", "dog"], ["young", "cat"], ["old", "dog"], ["a", "dog"]]
    >>> words = ["puppy", "kitten", "dog", ["dog", "hound"]]
    >>> model = ReverseDictionary(3, margin=1.0, sharpness=1.0, max_iter=100, batch_size=2, random_state=0)
    >>> model.fit(texts, words).predict([["young", "cat"]])
    array(['kitten'], dtype='<U6')
    """

    def __init__(
        self,
        n_components: int = 128,
        *,
        loss: str = "z_loss",
        sharpness: float = 0.3,
        margin: float = 10.0,
        learning_rate: float = 5.0,
        optimizer: str = "adagrad",
        embedding_rate: float = 0.1,
        batch_size: int = 128,
        max_iter: int = 10,
        min_count: int = 1,
        callback: Callback | None = None,
        dtype: str = "float32",
        random_state: Seed = None,
    ) -> None:
        self._keep(locals())

    def fit(self, X: Matrix, y: Any) -> Self:
        """Learn from texts and the words that they define.

        Parameters
        ----------
        X : list of lists of tokens, or sparse matrix, shape (m, N)
        y : sequence of m words, or of m lists of words
            A text with several words is an example of each.

        Returns
        -------
        ReverseDictionary

        Raises
        ------
        TypeError, ValueError
            When the data or a parameter is of the wrong kind, size or range.
        """
        X = self._data(X, reset=True)
        self._start(X, y, None)
        return self._train(X, y, self.max_iter)

    def partial_fit(self, X: Matrix, y: Any, classes: Any = None) -> Self:
        """Learn from more texts, one epoch.

        Parameters
        ----------
        X, y
            As for :meth:`fit`. The tokens are those of the first call.
        classes : sequence of words
            All there will be; needed in the first call, and not taken later.

        Returns
        -------
        ReverseDictionary

        Raises
        ------
        ValueError
            When ``classes`` are missing in the first call or given later, or a word is not among them.
        """
        if hasattr(self, "classes_") == (classes is not None):
            raise ValueError("classes must be given in the first call of partial_fit, and in no other")
        X = self._data(X, reset=classes is not None)
        if classes is not None:
            self._start(X, y, classes)
        return self._train(X, y, 1)

    def top(self, X: Matrix, k: int = 10) -> tuple[np.ndarray, np.ndarray]:
        """Find the best words for each text.

        Parameters
        ----------
        X
            As for :meth:`fit`.
        k : int
            How many, in [1, D].

        Returns
        -------
        words : array, shape (m, k)
            The best first.
        scores : array, shape (m, k)

        Raises
        ------
        ValueError
            When ``k`` is out of range.
        """
        check_is_fitted(self)
        bags = bags_of(self._data(X), self.vocabulary_, self.n_features_in_, self.dtype)
        model, found = self._model(), []
        for start in range(0, max(len(bags), 1), CHUNK):
            part = bags.take(np.arange(start, min(start + CHUNK, len(bags))))
            found.append(self.layer_.top(model.hidden(part), k))
        ids, scores = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return self.classes_[ids], scores

    def predict(self, X: Matrix) -> np.ndarray:
        """Give the best word for each text."""
        return self.top(X, 1)[0][:, 0]

    def score(self, X: Matrix, y: Any, k: int = 1) -> float:
        """Give the share of texts that have one of their words among the ``k`` best.

        Parameters
        ----------
        X, y
            As for :meth:`fit`; words that were not learnt count as not found.
        k : int
        """
        found = self.top(X, k)[0]
        wanted = _lists(y, len(found))
        return float(
            np.mean([not set(row).isdisjoint(words) for row, words in zip(found.tolist(), wanted, strict=True)])
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.required = True
        return tags

    def _start(self, X, y, classes):
        """Begin with small random numbers."""
        if y is None:
            raise ValueError("y must be given: ReverseDictionary requires y to be passed, but the target y is None")
        if classes is None:
            classes = [word for words in _lists(y, len(y)) for word in words]
        self.classes_ = np.unique(np.asarray(classes))
        least = max(2, self.n_components)
        if len(self.classes_) < least:
            raise ValueError(
                f"y must have as many words as n_components at least, {least}, got {len(self.classes_)}: "
                f"take fewer components, or BagClassifier for a few classes"
            )
        self.vocabulary_ = None if is_matrix(X) else vocabulary_of(X, self.min_count)
        self.n_features_in_ = X.shape[1] if self.vocabulary_ is None else len(self.vocabulary_)
        self._rng, d, self.n_iter_ = np.random.default_rng(self.random_state), self.n_components, 0
        self.embedding_ = self._random(0.1, self.n_features_in_, d)
        self.layer_ = FactoredOutput.from_dense(self._random(0.01, len(self.classes_), d))
        self._forget()

    def _data(self, X, reset=False):
        if reset:
            self._check_parameters()
        return checked(self, X, reset)

    def _random(self, scale, *shape):
        return scale * self._rng.standard_normal(shape, self.dtype)

    def _check_parameters(self):
        self._check_counts("n_components", "batch_size", "max_iter", "min_count")
        self._check_seed()
        self._check_choices(optimizer=OPTIMIZERS, loss=tuple(LOSSES), dtype=("float32", "float64"))
        self._check_positive("learning_rate", "embedding_rate", "sharpness")

    def _train(self, X, y, epochs):
        bags = bags_of(X, self.vocabulary_, self.n_features_in_, self.dtype)
        texts, words = self._pairs(y, len(bags))
        model, stops = self._model(), told(self.callback, self.n_iter_)
        for t in range(epochs):
            order = self._rng.permutation(len(words))
            losses = model.epoch(bags.take(texts[order]), words[order])
            self.loss_ = float(losses.sum() / max(len(words), 1))
            self.n_iter_ += 1
            if stops(t, self.loss_):
                break
        self.embedding_ = model.E.get_value()
        return self

    def _pairs(self, y, m):
        """Give a text's number and a word's number for each pair of a text and one of its words."""
        lists = _lists(y, m)
        texts = np.repeat(np.arange(m), [len(words) for words in lists])
        number = {word: i for i, word in enumerate(self.classes_.tolist())}
        words = [word for words in lists for word in words]
        unknown = next((word for word in words if word not in number), None)
        if unknown is not None:
            raise ValueError(f"y must hold words that were given first, got {unknown!r}")
        return texts, np.array([number[word] for word in words], "int64")

    def _compile(self):
        return _Model(self)


class _Model:
    """The compiled functions of one reverse dictionary, and its embedding as a shared variable."""

    def __init__(self, estimator):
        self.estimator, self.steps, self.reader, self.histories = estimator, None, None, []
        self.E = pytensor.shared(estimator.embedding_, name="embedding")

    def epoch(self, bags, words):
        """Take a step for each minibatch; gives the sums of their losses."""
        if self.steps is None:
            self._compile_steps()
        for variable, value in zip(self.data, (*bags, words), strict=True):
            variable.set_value(value)
        model = self.estimator
        rates = (np.asarray(rate, model.dtype) for rate in (model.learning_rate, model.embedding_rate))
        return self.steps(np.arange(0, len(words), model.batch_size), *rates)

    def hidden(self, bags):
        """Give the hidden layer of texts, shape (m, d)."""
        if self.reader is None:
            inputs = [pt.lvector(), pt.lvector(), pt.vector(dtype=self.estimator.dtype)]
            self.reader = pytensor.function(inputs, self._bag(*inputs).values)
        return self.reader(*bags)

    def _compile_steps(self):
        model, dtype = self.estimator, self.estimator.dtype
        start, size = pt.lscalar("start"), np.int64(model.batch_size)
        bags, words = shared_bags(dtype), pytensor.shared(np.zeros(0, "int64"))
        self.data = [*bags, words]
        made = self._bag(*texts_of(bags, start, size))
        out = model.layer_(made.values, words[start : start + size])
        losses = LOSSES[model.loss](model, model.layer_.D)(*out.sums)
        rate, below = (pt.scalar(name, dtype=dtype) for name in ("learning_rate", "embedding_rate"))
        gradient, updates = out.train(losses.mean(), rate)
        gradients = pytensor.grad(None, [read.part for read in made.params], known_grads={made.values: gradient})
        lower = dict(getattr(graphs, model.optimizer)(gradients, made.params, below))
        self.histories = model._remember([variable for variable in lower if variable is not self.E])
        updates = updates | lower
        self.steps = train.block([start], losses.sum(), updates, fixed=[rate, below])

    def _bag(self, ids, offsets, weights):
        return bag(self.E, ids, offsets, weights=weights, reduce="mean")


def _lists(y, m):
    """Give the words of each text as a list."""
    if len(y) != m:
        raise ValueError(f"y must have a word, or a list of words, for each of {m} texts, got {len(y)}")
    return [list(words) if isinstance(words, list | tuple) else [words] for words in y]
