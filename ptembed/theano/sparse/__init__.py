"""``theano.sparse``: matrices of which only the non-zeros are kept.

Starts from all that PyTensor's ``sparse`` has.
"""

# isort: skip_file
# PyTensor's names first, its modules among them, so that ours take their places.
from pytensor.sparse import *

from ptembed.theano.sparse.basic import *
from ptembed.theano.sparse.sharedvar import SparseTensorSharedVariable
from ptembed.theano.sparse.type import SparseType

enable_sparse = True
