"""The parameters of an estimator: kept as scikit-learn wants it, and checked when it is fitted.

Read next: :mod:`ptembed.estimators.compiled`.
"""

import numpy as np

from ptembed.arguments import at_least_one

__all__ = ["Parameters"]


class Parameters:
    """What all estimators do with their parameters; each error names the parameter, and nothing is changed before."""

    def _keep(self, arguments):
        """Set the parameters by the names of a constructor's arguments."""
        for name in self._get_param_names():
            setattr(self, name, arguments[name])

    def _check_counts(self, *names):
        for name in names:
            at_least_one(getattr(self, name), name)

    def _check_choices(self, **choices):
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {allowed}, got {getattr(self, name)!r}")

    def _check_positive(self, *names):
        for name in names:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)!r}")

    def _check_seed(self):
        try:
            np.random.default_rng(self.random_state)
        except (TypeError, ValueError):
            got = repr(self.random_state)
            raise TypeError(f"random_state must be an integer from 0 on, a Generator or None, got {got}") from None
