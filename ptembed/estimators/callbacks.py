"""How training tells how far it is: ``callback(epoch, loss, seconds)`` after each epoch, which may stop it.

Read next: :mod:`ptembed.estimators.compiled`.
"""

import time
from collections.abc import Callable

from ptembed.kinds import Callback

__all__ = ["told"]


def told(callback: Callback | None, before: int = 0) -> Callable[[int, float], bool]:
    """Give what an estimator's training calls after each epoch, with the epoch's number from 0 on and its loss.

    Parameters
    ----------
    callback : function or None
        Called as ``callback(epoch, loss, seconds)``: epochs count from 1 on, seconds from now on.
    before : int
        Epochs that were taken earlier.

    Returns
    -------
    function
        ``stops(t, loss)``, which gives whether training is to stop.

    Raises
    ------
    TypeError
        When the callback cannot be called.

    Examples
    --------
    >>> stops = told(lambda epoch, loss, seconds: loss < 0.5, before=3)
    >>> stops(0, 0.7), stops(1, 0.4)
    (False, True)
    """
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be a function of (epoch, loss, seconds) or None, got {callback!r}")
    start = time.perf_counter()

    def stops(t, loss):
        return callback is not None and bool(callback(before + t + 1, float(loss), time.perf_counter() - start))

    return stops
