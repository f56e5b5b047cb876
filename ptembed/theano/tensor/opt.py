"""Rewrites of tensor graphs."""

from pytensor.tensor.basic import MakeVectorPrinter, make_vector
from pytensor.tensor.rewriting.basic import (
    Assert,
    MakeVector,
    _logger,
    assert_op,
    is_an_upcast,
    register_canonicalize,
    register_specialize,
    register_stabilize,
    register_uncanonicalize,
    register_useless,
)
