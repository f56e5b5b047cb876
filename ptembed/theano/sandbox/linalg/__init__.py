"""Linear algebra under the names of its first years: see :mod:`ptembed.theano.tensor.nlinalg` and ``slinalg``."""

from ptembed.theano._gone import getattr_of
from ptembed.theano.sandbox.linalg import ops
from ptembed.theano.sandbox.linalg.ops import psd, spectral_radius_bound

_NLINALG = ("alloc_diag", "det", "diag", "eig", "eigh", "matrix_inverse", "trace")

__getattr__ = getattr_of(
    __name__,
    lazy={
        "extract_diag": "ptembed.theano.tensor.basic:extract_diag",
        **{name: f"ptembed.theano.tensor.nlinalg:{name}" for name in _NLINALG},
        **{name: f"ptembed.theano.tensor.slinalg:{name}" for name in ("cholesky", "eigvalsh", "solve")},
    },
)
