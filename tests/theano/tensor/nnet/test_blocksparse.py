"""Layers of which some blocks are active, under Theano's names."""

import numpy as np
import pytest
from twins import multiply_blocks_by_loops


def test_a_layer(theano):
    T, rng = theano.tensor, np.random.RandomState(0)
    W, h, b = rng.normal(size=(4, 3, 2, 5)), rng.normal(size=(6, 2, 2)), rng.normal(size=(3, 5))
    rows, columns = rng.randint(0, 4, (6, 2)), rng.randint(0, 3, (6, 2))
    want = multiply_blocks_by_loops(b[columns], W, h, rows, columns)
    dot = T.nnet.blocksparse.sparse_block_dot
    with theano.change_flags(linker="py"):
        got = dot(*map(T.constant, (W, h, rows, b, columns))).eval()
        one = dot(*map(T.constant, (W, h[0], rows[0], b, columns[0]))).eval()
    np.testing.assert_allclose(got, want)
    np.testing.assert_allclose(one, want[:1])
    with pytest.raises(AssertionError, match="one less than h"):
        dot(T.constant(W), T.constant(h), T.lvector(), T.constant(b), T.lvector())
