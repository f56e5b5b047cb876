"""Theano 1.0.5's language, on PyTensor.

The package has Theano's module tree. It starts from what PyTensor has and overrides what differs;
:func:`ptembed.legacy.activate` puts it under the name ``theano``. Read :mod:`ptembed.theano.tensor.basic` next.
"""

import sys
import warnings

# What a program of 2016 can do nothing about: Numba has a BLAS of its own, and takes arrays as they come.
for _message in ("PyTensor could not link to a BLAS", "Using NumPy C-API based", ".*is faster on contiguous arrays"):
    warnings.filterwarnings("ignore", message=_message)

from ptembed.theano.configparser import change_flags, config

# isort: split
from pytensor import Lop, OpFromGraph, Rop
from pytensor.compile.ops import wrap_py as as_op
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.op import Op
from pytensor.graph.type import Type
from pytensor.printing import pp

from ptembed.theano import compile, gradient, ifelse, printing, scan_module, sparse, tensor, updates, version
from ptembed.theano.compile import In, Mode, Out, function, shared
from ptembed.theano.compile.mode import predefined_linkers, predefined_modes
from ptembed.theano.gradient import grad, sparse_grad, subgraph_grad
from ptembed.theano.scan_module import clone, foldl, foldr, map, reduce, scan
from ptembed.theano.updates import OrderedUpdates

__version__ = version.version
theano = sys.modules[__name__]
dot = tensor.dot
