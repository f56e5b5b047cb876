"""Linear algebra under the names of its first years: see :mod:`ptembed.theano.tensor.nlinalg` and ``slinalg``."""

from ptembed.theano._gone import getattr_of
from ptembed.theano.sandbox.linalg import ops
from ptembed.theano.sandbox.linalg.ops import psd, spectral_radius_bound

_NLINALG = ("alloc_diag", "det", "diag", "eig", "extract_diag", "eigh", "matrix_inverse", "trace")

__getattr__ = getattr_of(
    __name__,
    lazy={
        **{name: f"ptembed.theano.tensor.nlinalg:{name}" for name in _NLINALG},
        **{name: f"ptembed.theano.tensor.slinalg:{name}" for name in ("cholesky", "eigvalsh", "solve")},
    },
)
