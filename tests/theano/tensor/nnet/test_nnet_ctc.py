"""Connectionist temporal classification under Theano's names."""

import numpy as np


def test_the_gradient_is_computed_where_it_is_read(theano):
    T, ctc = theano.tensor, theano.tensor.nnet.ctc
    assert ctc.ctc_available()
    x = T.ftensor3()
    cost = ctc.ctc(x, np.array([[1, -1]], "int32"), np.array([2], "int32"))
    with theano.change_flags(linker="py"):
        functions = [theano.function([x], out) for out in (cost, T.grad(cost.sum(), x))]
    ops = [n.op for f in functions for n in f.maker.fgraph.apply_nodes if hasattr(n.op, "compute_grad")]
    assert [op.compute_grad for op in ops] == [False, True]
    value, gradient = (f(np.zeros((3, 1, 2), "float32")) for f in functions)
    np.testing.assert_allclose(value, [np.log(4 / 3)], rtol=1e-6)  # 3 of the 4 paths over 2 letters spell it
    np.testing.assert_allclose(gradient[:, 0], [[1 / 6, -1 / 6], [1 / 6, -1 / 6], [0, 0]], atol=1e-7)
