"""Products of matrices by BLAS."""

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
from pytensor.tensor.rewriting.blas import (
    GemmOptimizer,
    _as_scalar,
    _beta_L_plus_alpha_M,
    _factor_canonicalized,
    _gemm_canonicalize,
    _gemm_from_factored_list,
    _gemm_from_node2,
    _is_real_matrix,
    _is_real_vector,
    res_is_a,
)
