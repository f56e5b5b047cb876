"""The rewrites of sparse graphs, and the Ops in C that they put in."""

import pytensor.sparse.rewriting as _rewriting
from pytensor.sparse.rewriting import (
    CSMGradC,
    MulSDCSC,
    MulSDCSR,
    MulSVCSR,
    SamplingDotCSR,
    StructuredDotCSC,
    StructuredDotCSR,
    UsmmCscDense,
    csm_grad_c,
    local_addsd_ccode,
    local_csm_grad_c,
    local_csm_properties_csm,
    local_dense_from_sparse_sparse_from_dense,
    local_inplace_addsd_ccode,
    local_inplace_remove0,
    local_mul_s_d,
    local_mul_s_v,
    local_sampling_dot_csr,
    local_structured_add_s_v,
    local_structured_dot,
    local_usmm,
    local_usmm_csc_dense_inplace,
    local_usmm_csx,
    mul_s_d_csc,
    mul_s_d_csr,
    mul_s_v_csr,
    sampling_dot_csr,
    sd_csc,
    sd_csr,
    structured_add_s_v_csr,
    usmm_csc_dense,
    usmm_csc_dense_inplace,
)

from ptembed._pytensor import first_of
from ptembed.theano.sparse.basic import CSC, CSR, csm_data, csm_grad, csm_indices, csm_indptr, csm_properties, usmm

AddSD_ccode = first_of(_rewriting, "AddSD_ccode", "AddSparseDenseC")
StructuredAddSVCSR = type(structured_add_s_v_csr)
