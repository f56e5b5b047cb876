"""The types and functions of ``theano.sparse``, where programs look for them."""

from pytensor.sparse import *
from pytensor.sparse import math as _math
from pytensor.sparse.basic import _is_sparse, _is_sparse_variable
from pytensor.sparse.variable import SparseConstant, SparseVariable

from ptembed.theano.sparse.type import SparseType

__all__ = ["SparseConstant", "SparseType", "SparseVariable", "sgn"]

sgn = _math.sign
