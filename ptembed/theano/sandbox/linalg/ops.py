"""A bound of the largest eigenvalue; hints about matrices."""

import pytensor.tensor as T

from ptembed.theano._gone import getattr_of

__all__ = ["psd", "spectral_radius_bound"]

_NLINALG = ("Det", "MatrixInverse", "alloc_diag", "det", "extract_diag", "matrix_inverse", "trace")
_SLINALG = ("Cholesky", "Solve", "cholesky", "solve")
_HINTS = ("nothing but its own rewrites read what it said", "assume_a of pytensor.tensor.slinalg.solve")

__getattr__ = getattr_of(
    __name__,
    dict.fromkeys(
        [
            "Hint",
            "HintsFeature",
            "HintsOptimizer",
            "hints",
            "inv_as_solve",
            "is_hint_node",
            "is_positive",
            "is_psd",
            "is_symmetric",
            "local_det_chol",
            "local_log_pow",
            "local_log_prod_sqr",
            "no_transpose_symmetric",
            "psd_solve_with_chol",
            "remove_hint_nodes",
            "tag_solve_triangular",
            "transinv_to_invtrans",
        ],
        _HINTS,
    ),
    {
        **{name: f"ptembed.theano.tensor.nlinalg:{name}" for name in _NLINALG},
        **{name: f"ptembed.theano.tensor.slinalg:{name}" for name in _SLINALG},
    },
)


def psd(v):
    """``v`` as it is: what is said of it, that it is positive semi-definite, changes no number."""
    return v


def spectral_radius_bound(X, log2_exponent):
    r"""An upper bound of the largest eigenvalue of a matrix.

    .. math:: \rho(X) \le \mathrm{tr}(X^m)^{1/m}, \quad m = 2^{\mathtt{log2\_exponent}}

    Parameters
    ----------
    X : matrix
        Symmetric, positive semi-definite.
    log2_exponent : int
        Positive; the larger, the closer, for as many products of matrices.

    Raises
    ------
    TypeError
        If ``X`` is no matrix, or ``log2_exponent`` no integer.
    ValueError
        If ``log2_exponent`` is not positive.
    """
    if X.type.ndim != 2:
        raise TypeError(f"spectral_radius_bound takes a matrix, got {X.type.ndim} dimensions.")
    if not isinstance(log2_exponent, int):
        raise TypeError(f"log2_exponent must be an integer, got {log2_exponent}.")
    if log2_exponent <= 0:
        raise ValueError(f"log2_exponent must be positive, got {log2_exponent}.")
    power = X
    for _ in range(log2_exponent):
        power = T.dot(power, power)
    return T.pow(T.diagonal(power).sum(), 2.0**-log2_exponent)
