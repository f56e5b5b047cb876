"""What the estimators that compile their own training share: parameters, compiled functions, texts as shared data.

Read next: :mod:`ptembed.estimators.bag_classifier`.
"""

import numpy as np
import pytensor

from ptembed.estimators.texts import Bags

__all__ = ["OPTIMIZERS", "Compiled", "minibatch", "shared_bags", "texts_of"]

OPTIMIZERS = ("adagrad", "adam", "momentum", "rmsprop", "sgd")


class Compiled:
    """An estimator with compiled functions, which are made when they are needed and not pickled.

    A class has a method ``_compile``, which gives its functions, and sets ``_compiled`` to None when it is fitted anew.
    """

    def __getstate__(self):
        return {name: value for name, value in super().__getstate__().items() if name != "_compiled"}

    def _model(self):
        if getattr(self, "_compiled", None) is None:
            self._compiled = self._compile()
        return self._compiled

    def _keep(self, arguments):
        """Set the parameters by the names of a constructor's arguments."""
        for name in self._get_param_names():
            setattr(self, name, arguments[name])

    def _check_positive_integers(self, *names):
        for name in names:
            value = getattr(self, name)
            if not isinstance(value, int | np.integer) or value < 1:
                raise ValueError(f"{name} must be a positive integer, got {value!r}")

    def _check_choices(self, **choices):
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {allowed}, got {getattr(self, name)!r}")

    def _check_positive(self, *names):
        for name in names:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)!r}")


def shared_bags(dtype):
    """Give shared variables for texts, without any text so far: ids, offsets and weights."""
    empty = Bags(np.zeros(0, "int64"), np.zeros(1, "int64"), np.zeros(0, dtype))
    return [pytensor.shared(value) for value in empty]


def minibatch(items, offsets, start, size):
    """Give the items and offsets of ``size`` texts from ``start`` on, fewer at the end, as symbols."""
    bounds = offsets[start : start + size + 1]
    return items[bounds[0] : bounds[-1]], bounds - bounds[0]


def texts_of(bags, start, size):
    """Give the ids, offsets and weights of ``size`` texts from ``start`` on, fewer at the end, as symbols."""
    ids, offsets, weights = bags
    part, bounds = minibatch(ids, offsets, start, size)
    return part, bounds, weights[offsets[start] : offsets[start] + part.shape[0]]
