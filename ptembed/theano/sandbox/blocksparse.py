"""Where products of blocks were once; see :mod:`ptembed.theano.tensor.nnet.blocksparse`."""

from ptembed.theano.tensor.nnet.blocksparse import (
    SparseBlockGemv,
    SparseBlockOuter,
    sparse_block_dot,
    sparse_block_gemv,
    sparse_block_gemv_inplace,
    sparse_block_outer,
    sparse_block_outer_inplace,
)
