"""Rewrites of the functions of neural networks: those that exist, and what became of the others."""

from ptembed.ops.block_products import local_inplace_block_products
from ptembed.theano import _gone
from ptembed.theano.tensor.nnet.blocksparse import (
    SparseBlockGemv,
    SparseBlockOuter,
    sparse_block_gemv_inplace,
    sparse_block_outer_inplace,
)

local_inplace_sparse_block_gemv = local_inplace_sparse_block_outer = local_inplace_block_products

_CHOICES = """
    conv_groupopt local_abstractconv3d_gemm local_abstractconv3d_gradinputs_gemm local_abstractconv3d_gradweight_gemm
    local_abstractconv_check local_abstractconv_gemm local_abstractconv_gradinputs_gemm
    local_abstractconv_gradweight_gemm local_conv2d_cpu local_conv2d_gradinputs_cpu local_conv2d_gradweight_cpu
"""
_ONE_WAY = "a convolution has one implementation here, so no optimizer chooses one", "theano.tensor.nnet.conv2d"
__getattr__ = _gone.getattr_of(__name__, dict.fromkeys(_CHOICES.split(), _ONE_WAY))
