"""What the drop-in adds to PyTensor's nodes and Ops, and takes back."""

import numpy as np
import pytensor
import pytest
from pytensor.graph.op import Op
from pytensor.tensor.math import Sum


class Plain(Op):
    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0]


def test_variables_need_no_owner(theano):
    T = theano.tensor
    assert theano.Variable(T.dscalar).owner is None
    assert T.TensorVariable(T.dvector, name="x").name == "x"


def test_grad_of_an_op_can_be_called(theano):
    x = theano.tensor.dscalar("x")
    y = theano.tensor.exp(x)
    (gradient,) = y.owner.op.grad([x], [theano.tensor.constant(2.0)])
    assert gradient.eval({x: 0.0}) == 2
    with pytest.raises(NotImplementedError, match="no gradient"):
        Plain().grad([x], [x])


def test_a_subclass_of_any_op_may_define_grad(theano):
    class Tenfold(Sum):
        def grad(self, inputs, output_grads):
            (gradient,) = super().grad(inputs, output_grads)
            return [gradient * 10]

    x = theano.tensor.dvector("x")
    gradient = theano.grad(Tenfold()(x), x)
    np.testing.assert_array_equal(gradient.eval({x: [1.0, 2.0]}), [10, 10])


def test_parameters_of_a_node(theano):
    x = theano.tensor.dscalar("x")
    assert (x + 1).owner.run_params() is theano.gof.graph.NoParams


def test_optimizers_of_pytensor_optimize(theano):
    x = theano.tensor.dscalar("x")
    fgraph = theano.gof.FunctionGraph([x], [theano.tensor.exp(x), theano.tensor.exp(x)], clone=False)
    pytensor.compile.mode.MergeOptimizer().optimize(fgraph)
    assert fgraph.outputs[0] is fgraph.outputs[1]


def test_constants_without_a_class_of_their_own_are_compared(theano):
    one = theano.scalar.constant(1, dtype="int64")
    assert one.equals(theano.Constant(one.type, 1)) and theano.Constant(one.type, 1).equals(one)
    assert not one.equals(theano.Constant(one.type, 2)) and not one.equals(theano.Constant(theano.scalar.int32, 1))
    assert not one.equals(1)


def test_all_is_as_before_after_deactivation():
    from ptembed import legacy

    before = dict(vars(Op)), pytensor.graph.basic.Variable.__init__.__defaults__
    legacy.activate()
    legacy.deactivate()
    assert (dict(vars(Op)), pytensor.graph.basic.Variable.__init__.__defaults__) == before
    assert not hasattr(pytensor.graph.basic.Variable, "clients")
    with pytest.raises(TypeError):
        pytensor.graph.basic.Variable(pytensor.tensor.dscalar)
