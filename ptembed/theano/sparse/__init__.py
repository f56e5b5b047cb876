"""``theano.sparse``: matrices of which only the non-zeros are kept.

Read :mod:`ptembed.theano.sparse.basic` next.
"""

from ptembed.theano import _gone
from ptembed.theano.sparse import basic, opt, sharedvar, type, utils
from ptembed.theano.sparse.basic import *
from ptembed.theano.sparse.sharedvar import sparse_constructor as shared

enable_sparse = imported_scipy = True

__getattr__ = _gone.getattr_of(__name__, lazy={"config": "ptembed.theano.configparser:config"})
