"""``make_function`` of linkers."""

import numpy as np
import pytest
from pytensor.link.basic import Linker


def test_a_linker_makes_a_function_of_a_graph(theano):
    x, y = theano.tensor.dvectors("x", "y")
    graph = theano.gof.FunctionGraph([x, y], [x + y, x * y])
    f = theano.gof.PerformLinker().accept(graph).make_function()
    np.testing.assert_array_equal(f(np.array([1.0, 2.0]), np.array([3.0, 4.0])), [[4, 6], [3, 8]])
    with pytest.raises(TypeError, match="takes 2 arguments"):
        f(np.ones(2))


def test_one_output_comes_alone_unless_asked_otherwise(theano):
    x = theano.tensor.dscalar()
    linker = theano.gof.PerformLinker().accept(theano.gof.FunctionGraph([x], [x + 1]))
    assert linker.make_function()(2.0) == 3.0
    assert linker.make_function(unpack_single=False)(2.0) == [3.0]


def test_the_method_goes_with_the_drop_in():
    assert not hasattr(Linker, "make_function")
