"""What the estimators that compile their own training share: compiled functions, texts as shared data.

Read next: :mod:`ptembed.estimators.bag_classifier`.
"""

from typing import Any

import numpy as np
import pytensor

from ptembed.estimators.parameters import Parameters
from ptembed.estimators.texts import Bags

__all__ = ["OPTIMIZERS", "Compiled", "minibatch", "shared_bags", "texts_of"]

OPTIMIZERS = ("adagrad", "adam", "momentum", "rmsprop", "sgd")


class Compiled(Parameters):
    """An estimator with compiled functions, which are made when they are needed and not pickled.

    A class has a method ``_compile``, which gives its functions, and calls ``_forget`` when it is fitted anew. What the
    optimizer remembers is pickled, so that training goes on as if there had been no break: compiled functions have it
    as ``histories``, shared variables, and give these to ``_remember`` when they make them.
    """

    def __getstate__(self):
        state = {name: value for name, value in super().__getstate__().items() if name != "_compiled"}
        histories = getattr(getattr(self, "_compiled", None), "histories", None)
        return state | ({"_histories": [var.get_value() for var in histories]} if histories else {})

    def _forget(self):
        self._compiled = self._histories = None

    def _model(self):
        if getattr(self, "_compiled", None) is None:
            self._compiled = self._compile()
        return self._compiled

    def _remember(self, histories):
        """Give the histories of new functions the values of those that were pickled; none to another optimizer's."""
        if self._histories is not None and len(self._histories) == len(histories):
            for var, value in zip(histories, self._histories, strict=True):
                var.set_value(value)
        self._histories = None
        return histories


def shared_bags(dtype: Any) -> Any:
    """Give shared variables for texts, without any text so far: ids, offsets and weights."""
    empty = Bags(np.zeros(0, "int64"), np.zeros(1, "int64"), np.zeros(0, dtype))
    return [pytensor.shared(value) for value in empty]


def minibatch(items: Any, offsets: Any, start: Any, size: Any) -> Any:
    """Give the items and offsets of ``size`` texts from ``start`` on, fewer at the end, as symbols."""
    bounds = offsets[start : start + size + 1]
    return items[bounds[0] : bounds[-1]], bounds - bounds[0]


def texts_of(bags: Any, start: Any, size: Any) -> Any:
    """Give the ids, offsets and weights of ``size`` texts from ``start`` on, fewer at the end, as symbols."""
    ids, offsets, weights = bags
    part, bounds = minibatch(ids, offsets, start, size)
    return part, bounds, weights[offsets[start] : offsets[start] + part.shape[0]]
