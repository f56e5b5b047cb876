r"""Factors of a matrix whose zeros count less than its non-zeros, or not at all where they are missing values.

.. math:: \tfrac12 \sum_{x_{ij} \ne 0} (x_{ij} - \hat x_{ij})^2 + \tfrac{a}2 \sum_{x_{ij} = 0} \hat x_{ij}^2
    = \tfrac12 \sum_{x_{ij} \ne 0} \left[(x_{ij} - \hat x_{ij})^2 - a\, \hat x_{ij}^2\right]
    + \tfrac{a}2 \langle W^T W, H^T H \rangle, \qquad \hat X = W H^T.

The sum over zeros goes by traces as before (Hu, Koren & Volinsky 2008), the rest over the non-zeros alone. Each
coordinate is set to its minimum, as in HALS, but the Gram matrix of a row now depends on the row. It is not formed: the
rows of the other factor that the row meets are copied, transposed, and the fitted values are kept. A sweep is O(s k) as
a product is, but there is nothing to share between sweeps, and both forms of the matrix are kept.

Read next: :mod:`ptembed.factor.nmf`.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp
from numba import njit

from ptembed.factor.nmf_updates import WORTH
from ptembed.factor.products import LOOSE, Parts

__all__ = ["WeightedHalves"]


class WeightedHalves:
    """The two half problems with a weight for zeros; see :class:`ptembed.factor.nmf.Halves`."""

    def __init__(self, X: Any, options: Any) -> None:
        self.rows, self.columns = sp.csr_array(X), sp.csr_array(X.T)
        self.parts = [Parts(np.diff(A.indptr), options.n_threads) for A in (self.rows, self.columns)]
        self.options = options

    def update_W(self, W: Any, H: Any) -> Any:
        return self._update(0, self.rows, W, H, self.options.sweeps, WORTH)

    def update_H(self, W: Any, H: Any) -> Any:
        return self._update(1, self.columns, H, W, self.options.sweeps, WORTH)

    def fit_rows(self, W: Any, H: Any, sweeps: Any, worth: Any) -> Any:
        """Fit W alone, in place; gives the objective, penalties apart."""
        return self._update(0, self.rows, W, H, sweeps, worth)

    def _update(self, side, A, F, other, sweeps, worth):
        number, options = F.dtype.type, self.options
        G = number(options.zero_weight) * (other.T @ other)
        fixed = A.indptr, A.indices, A.data, other, G, number(options.zero_weight), number(options.l1[side])
        fits = self.parts[side].run(lambda start, stop: descend_rows(*fixed, F, sweeps, worth, start, stop))
        return 0.5 * sum(fits) + 0.5 * float(np.einsum("ij,ij->", G, F.T @ F, dtype=np.float64))


@njit(nogil=True, cache=True, fastmath=LOOSE)
def descend_rows(indptr, indices, data, B, G, a, l1, F, sweeps, worth, start, stop):
    """Move each coordinate of the rows ``start`` to ``stop`` to its minimum; gives their sum over the non-zeros."""
    k, zero, one, total = F.shape[1], F.dtype.type(0), F.dtype.type(1), 0.0
    longest = 0
    for i in range(start, stop):
        longest = max(longest, indptr[i + 1] - indptr[i])
    met, fitted, gw = np.empty((k, longest), F.dtype), np.empty(longest, F.dtype), np.empty(k, F.dtype)
    for i in range(start, stop):
        x, columns, w = data[indptr[i] : indptr[i + 1]], indices[indptr[i] : indptr[i + 1]], F[i]
        s = len(x)
        read_rows(B, columns, w, G, met, fitted, gw)
        first = 0.0
        for sweep in range(sweeps):
            moved = 0.0
            for t in range(k):
                h, g, curvature = met[t], gw[t] + l1, G[t, t]
                for j in range(s):
                    g += (fitted[j] - x[j] - a * fitted[j]) * h[j]
                    curvature += (one - a) * h[j] * h[j]
                if (w[t] == zero and g >= zero) or curvature <= zero:
                    continue
                step = max(w[t] - g / curvature, zero) - w[t]
                w[t] += step
                moved += step * step
                for j in range(s):
                    fitted[j] += step * h[j]
                for c in range(k):
                    gw[c] += step * G[t, c]
            if sweep == 0:
                first = moved
            if moved <= worth * first:
                break
        for j in range(s):
            total += (x[j] - fitted[j]) ** 2 - a * fitted[j] ** 2
    return total


@njit(nogil=True, cache=True, fastmath=LOOSE)
def read_rows(B, columns, w, G, met, fitted, gw):
    """Write the rows of ``B`` that a row meets, transposed, into ``met``; B w into ``fitted``, and G w into ``gw``."""
    k, zero = len(w), w.dtype.type(0)
    for j in range(len(columns)):
        b, value = B[columns[j]], zero
        for c in range(k):
            met[c, j] = b[c]
            value += b[c] * w[c]
        fitted[j] = value
    for c in range(k):
        value = zero
        for t in range(k):
            value += G[c, t] * w[t]
        gw[c] = value
