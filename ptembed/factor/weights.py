r"""From counts to weights: what a pair of words says beyond how frequent the two are.

Raw counts are ruled by the frequent words, and so are their factors. Pointwise mutual information,
:math:`\log \frac{p(u, v)}{p(u)\, p(v)}`, takes the frequencies out; then the rare words rule, whose few counts are the
least sure. Against that there are: a context's probability taken to a power below 1 (Levy et al. 2015), a discount for
few counts (Pantel & Lin 2002), thresholds, and counts from whole documents where a window has seen too little.

Everything is O(s) for s non-zeros, and no non-zero is added.

Read next: :mod:`ptembed.factor.nmf`, :mod:`ptembed.factor.neighbours`.
"""

import numpy as np
import scipy.sparse as sp
from numba import njit

from ptembed.factor.matrices import counts_of
from ptembed.kinds import Matrix

__all__ = ["back_off", "discounted", "ppmi", "tfidf", "thresholded"]


def ppmi(X: Matrix, shift: float = 1.0, power: float = 0.75, smoothing: float = 0.0) -> Matrix:
    r"""Positive pointwise mutual information, :math:`\max(0, \log \frac{x_{uv}\, \sum_w c_w^a}{r_u c_v^a} - \log s)`.

    Parameters
    ----------
    X : sparse matrix of counts, shape (m, n)
        With row sums r and column sums c.
    shift : float
        s, at least 1: the number of negative samples that word2vec would take (Levy & Goldberg 2014).
    power : float
        a, between 0 and 1: below 1 rare contexts count less.
    smoothing : float
        Added to each row and column sum, so that rare words are less sure of anything.

    Returns
    -------
    csr_array, shape (m, n)
        Non-zeros are positive.

    Raises
    ------
    TypeError, ValueError
        For bad counts, or a parameter out of range.

    References
    ----------
    O. Levy, Y. Goldberg, I. Dagan, "Improving distributional similarity with lessons learned from word embeddings",
    TACL 3, 2015.

    Examples
    --------
    >>> X = sp.csr_array([[0, 4.0], [4.0, 8.0]])
    >>> (np.exp(ppmi(X, power=1).toarray()) * [[0, 1], [1, 0]]).round(3)  # 4 * 16 / (4 * 12)
    array([[0.   , 1.333],
           [1.333, 0.   ]])
    """
    if not 1 <= shift < np.inf:
        raise ValueError(f"shift must be 1 or more, got {shift!r}: 1 is no shift")
    if not 0 < power <= 1:
        raise ValueError(f"power must lie between 0 (excluded) and 1, got {power!r}")
    _check_amount(smoothing, "smoothing")
    X = counts_of(X)
    rows, columns = _sums(X)
    contexts = (columns + smoothing) ** power
    with np.errstate(divide="ignore"):
        of_row, of_column = np.log(rows + smoothing) + np.log(shift), np.log(contexts / max(contexts.sum(), 1e-300))
    return _of_logs(X, of_row, of_column)


def discounted(X: Matrix, amount: float = 1.0, rare: float = 0.0) -> Matrix:
    r"""Lower what few counts say: :math:`x_{uv} \cdot \frac{x_{uv}}{x_{uv} + a} \cdot \frac{\min(r_u, c_v)}{\min(r_u,
    c_v) + b}`.

    Parameters
    ----------
    X : sparse matrix of counts, shape (m, n)
    amount : float
        a: a pair seen a times is halved.
    rare : float
        b: a pair of which the rarer word occurs b times is halved.

    Returns
    -------
    csr_array, shape (m, n)

    References
    ----------
    P. Pantel, D. Lin, "Discovering word senses from text", KDD 2002.
    """
    _check_amount(amount, "amount")
    _check_amount(rare, "rare")
    X = counts_of(X).copy()
    rows, columns = _sums(X)
    least = np.minimum(np.repeat(rows, np.diff(X.indptr)), columns[X.indices])
    X.data *= (X.data / (X.data + amount) * (least / (least + rare))).astype(X.dtype)
    return X


def thresholded(X: Matrix, pairs: float = 0.0, words: float = 0.0) -> Matrix:
    """Leave out pairs that occur less than ``pairs`` times, and those of words whose sums are below ``words``.

    Parameters
    ----------
    X : sparse matrix of counts, shape (m, n)
    pairs, words : float

    Returns
    -------
    csr_array, shape (m, n)
        Of the same shape: the rows of rare words are empty.
    """
    _check_amount(pairs, "pairs")
    _check_amount(words, "words")
    X = counts_of(X).copy()
    rows, columns = _sums(X)
    rare = (np.repeat(rows, np.diff(X.indptr)) < words) | (columns[X.indices] < words)
    X.data[rare | (X.data < pairs)] = 0
    X.eliminate_zeros()
    return X


def back_off(windows: Matrix, documents: Matrix, amount: float = 100.0) -> Matrix:
    r"""Counts within windows, and for rare words those of whole documents too.

    :math:`x_{uv} = w_{uv} + l_{uv}\, g\, d_{uv}` with :math:`l_{uv} = \frac{a}{a + \min(r_u, c_v)}`, the sums r, c
    being those of the windows, and g making both matrices sum to the same. For a frequent word windows decide.

    Parameters
    ----------
    windows, documents : sparse matrices of counts, shape (m, n)
    amount : float
        a: a word that windows have seen a times takes half of the documents' counts.

    Returns
    -------
    csr_array, shape (m, n)

    Raises
    ------
    ValueError
        When the shapes differ.
    """
    _check_amount(amount, "amount")
    W, D = counts_of(windows, "windows"), counts_of(documents, "documents").copy()
    if W.shape != D.shape:
        raise ValueError(f"windows and documents must have the same shape, got {W.shape} and {D.shape}")
    rows, columns = _sums(W)
    least = np.minimum(np.repeat(rows, np.diff(D.indptr)), columns[D.indices])
    scale = W.sum(dtype=np.float64) / max(D.sum(dtype=np.float64), 1e-300)
    share = amount / np.maximum(amount + least, np.finfo(np.float64).tiny)
    D.data *= (scale * share).astype(D.dtype)
    return sp.csr_array(W + D)


def tfidf(X: Matrix, sublinear: bool = False, smooth: bool = True, normalize: bool = True) -> Matrix:
    r"""Term frequency times inverse document frequency, :math:`x_{dv} (1 + \log \frac{m + 1}{f_v + 1})`.

    Parameters
    ----------
    X : sparse matrix of counts, shape (m documents, n words)
    sublinear : bool
        Whether :math:`1 + \log x` stands for x.
    smooth : bool
        Whether the ones are added, as if one more document had all words.
    normalize : bool
        Whether rows are given length 1.

    Returns
    -------
    csr_array, shape (m, n)
        What scikit-learn's TfidfTransformer gives.
    """
    X = counts_of(X).copy()
    X.eliminate_zeros()
    frequency = np.bincount(X.indices, minlength=X.shape[1]).astype(np.float64)
    idf = 1 + np.log((X.shape[0] + smooth) / np.maximum(frequency + smooth, np.finfo(np.float64).tiny))
    if sublinear:
        X.data = 1 + np.log(X.data)
    X.data *= idf[X.indices].astype(X.dtype)
    if normalize:
        lengths = np.sqrt(np.asarray((X * X).sum(axis=1, dtype=np.float64)).ravel())
        X.data /= np.repeat(np.where(lengths > 0, lengths, 1), np.diff(X.indptr)).astype(X.dtype)
    return X


def _sums(X):
    """Row and column sums in float64."""
    return X.sum(axis=1, dtype=np.float64), X.sum(axis=0, dtype=np.float64)


def _check_amount(value, name):
    if not 0 <= value < np.inf:
        raise ValueError(f"{name} must be a number from 0 on, got {value!r}")


def _of_logs(X, of_row, of_column):
    """Give log x less what is given for rows and columns, where that is positive."""
    indptr, indices, data = positive_logs(X.indptr, X.indices, X.data, of_row, of_column)
    return sp.csr_array((data, indices, indptr), shape=X.shape)


@njit(nogil=True, cache=True)
def positive_logs(indptr, indices, data, of_row, of_column):
    """Kernel of :func:`ppmi`."""
    starts, end = np.zeros_like(indptr), 0
    columns, values = np.empty_like(indices), np.empty_like(data)
    for i in range(len(indptr) - 1):
        for q in range(indptr[i], indptr[i + 1]):
            value = np.log(np.float64(data[q])) - of_row[i] - of_column[indices[q]] if data[q] > 0 else -1.0
            if value > 0:
                columns[end], values[end] = indices[q], value
                end += 1
        starts[i + 1] = end
    return starts, columns[:end].copy(), values[:end].copy()
