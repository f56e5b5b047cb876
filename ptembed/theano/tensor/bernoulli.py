"""Binomial numbers of a NumPy ``RandomState``, of one trial each: by far the most that programs draw, as masks are.

NumPy takes them one by one, and for an array of probabilities prepares each anew. Its method, the inversion of a
uniform number (Kachitvichyanukul and Schmeiser 1988), needs no loop for one trial: it compares the number with
``exp(log(q))``, where ``q`` is the probability of the likelier outcome.
"""

import numpy as np

__all__ = ["binomial"]

FEW = 200


def binomial(state, n, p, size):
    """The numbers of ``state.binomial(n, p, size)``, which leave the state as that does.

    Parameters
    ----------
    state : numpy.random.RandomState
    n : integer or array of integers
        How many trials.
    p : float or array of floats
        Of success, in [0, 1].
    size : tuple of int or None

    Returns
    -------
    integer, or array of integers or booleans
        Another number than NumPy's where a uniform number is as near to 1, or to the probability, as two floats can be:
        about once in 1e15.

    Raises
    ------
    ValueError
        Where NumPy does: if a probability is not in [0, 1], ``n`` is negative, or ``size`` is not the shape of ``p``.
    """
    if size is None or np.prod(size) < FEW or np.ndim(n) or n != 1:
        return state.binomial(n, p, size)
    p = np.asarray(p, "float64")
    if not np.all((p > 0) & (p < 1)) or p.shape != size[len(size) - p.ndim :]:
        return state.binomial(n, p, size)
    likelier = p > 0.5
    return (state.random_sample(size) > np.exp(np.log(np.where(likelier, p, 1 - p)))) ^ likelier
