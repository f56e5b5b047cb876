"""Products of matrices by BLAS.

A program says ``dot``: where the linker makes use of them, a compiled function has these Ops instead. The Numba linker,
which is the default, calls BLAS for ``dot`` itself.
"""

from collections import defaultdict
from copy import copy
from types import SimpleNamespace

from pytensor.graph.utils import InconsistencyError
from pytensor.tensor.blas import (
    BatchedDot,
    Dot22,
    Dot22Scalar,
    Gemm,
    GemmRelated,
    Gemv,
    _dot22,
    _dot22scalar,
    _logger,
    gemm,
    gemm_inplace,
    gemm_no_inplace,
    gemv,
    gemv_inplace,
    gemv_no_inplace,
    ldflags,
)
from pytensor.tensor.rewriting import blas as _rewriting
from pytensor.tensor.rewriting.blas import (
    GemmOptimizer,
    _as_scalar,
    _factor_canonicalized,
    _is_real_matrix,
    _is_real_vector,
)

from ptembed.theano import _gone
from ptembed.theano.tensor._ger import Ger
from ptembed.theano.tensor.products import batched_dot

__all__ = [
    "BatchedDot",
    "Dot22",
    "Dot22Scalar",
    "Gemm",
    "GemmOptimizer",
    "GemmRelated",
    "Gemv",
    "Ger",
    "InconsistencyError",
    "batched_dot",
    "gemm",
    "gemm_inplace",
    "gemm_no_inplace",
    "gemv",
    "gemv_inplace",
    "gemv_no_inplace",
    "ger",
    "ger_destructive",
    "ldflags",
    "res_is_a",
]

have_fblas = True
ger = Ger(destructive=False)
ger_destructive = Ger(destructive=True)

# Theano kept with each variable who uses it; here the helpers below know of no use.
_UNUSED = SimpleNamespace(clients=defaultdict(list))


def res_is_a(var, op, maxclients=None):
    """Whether ``var`` is the result of ``op``, an Op or a class."""
    return _rewriting.res_is_a(_UNUSED, var, op, maxclients)


def _beta_L_plus_alpha_M(beta, L, alpha, M, recurse_flip=True):
    return _rewriting._beta_L_plus_alpha_M(_UNUSED, beta, L, alpha, M, recurse_flip)


def _gemm_canonicalize(r, scale, rval, maxclients):
    return _rewriting._gemm_canonicalize(_UNUSED, r, scale, rval, maxclients)


def _gemm_from_factored_list(lst):
    return _rewriting._gemm_from_factored_list(_UNUSED, lst)


def _gemm_from_node2(node):
    return _rewriting._gemm_from_node2(_UNUSED, node)


def _of_a_node(rewriter):
    """PyTensor's rewriter of a node, whose ``transform`` may be given the node alone, as Theano's was."""
    taking_both = rewriter.transform
    own = copy(rewriter)
    own.transform = lambda *args, **kwargs: taking_both(*([_UNUSED] * (len(args) == 1)), *args, **kwargs)
    return own


# those that PyTensor has: the ones for updates of rank one ended with 3.0
_REWRITERS = (
    "local_dot_to_dot22",
    "local_dot22_to_dot22scalar",
    "local_dot22_to_ger_or_gemv",
    "local_gemm_to_gemv",
    "local_gemm_to_ger",
    "local_inplace_gemm",
    "local_inplace_gemv",
    "local_inplace_ger",
)
globals().update({name: _of_a_node(getattr(_rewriting, name)) for name in _REWRITERS if hasattr(_rewriting, name)})
blas_optdb = _rewriting.blas_optdb

__getattr__ = _gone.getattr_of(
    __name__,
    {
        **dict.fromkeys(set(_REWRITERS) - set(globals()), ("PyTensor leaves Ger to its linkers", "blas_optdb")),
        "blas_opt_inplace": ("PyTensor's rewrites are in other modules", "blas_optdb"),
        "check_init_y": ("no BLAS of today leaves NaN in what it is to overwrite", "gemv"),
        "local_print_as_we_go_along": ("it printed the nodes of a graph to debug Theano", "theano.printing.debugprint"),
    },
    {"local_dimshuffle_lift": "ptembed.theano.tensor.opt:local_dimshuffle_lift"},
)
