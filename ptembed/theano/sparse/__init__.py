"""``theano.sparse``: matrices of which only the non-zeros are kept.

Starts from all that PyTensor's ``sparse`` has.
"""

from pytensor.sparse import *

from ptembed.theano.sparse import basic, sharedvar, type
from ptembed.theano.sparse.basic import *
from ptembed.theano.sparse.type import SparseType

enable_sparse = True
