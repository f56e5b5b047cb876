"""``theano.tensor``: symbolic arrays.

Starts from all that PyTensor's ``tensor`` has; what differs in name or call is in :mod:`ptembed.theano.tensor.basic`.
"""

# isort: skip_file
# The order counts: PyTensor's names first (without its modules), then ours, and of our own the functions last: where a
# function has the name of a module (var, sort), the name is the function's.
from types import ModuleType as _ModuleType

from pytensor.tensor import *

for _name in [name for name, value in globals().items() if isinstance(value, _ModuleType)]:
    del globals()[_name]

from ptembed.theano import _gone
from ptembed.theano.compile.ops import SpecifyShape, specify_shape
from ptembed.theano.gof.type import Type
from ptembed.theano.gof.utils import MethodNotDefined, hashtype
from ptembed.theano.gradient import (
    Lop,
    Rop,
    consider_constant,
    grad,
    hessian,
    jacobian,
    numeric_grad,
    verify_grad,
)
from ptembed.theano.tensor import blas, elemwise, inplace, nlinalg, opt, sharedvar, utils, xlogx
from ptembed.theano.tensor.extra_ops import *
from ptembed.theano.tensor.nnet import sigmoid
from ptembed.theano.tensor.io import LoadFromDisk, MPI_NAMES, load, mpi_enabled
from ptembed.theano.tensor.sharedvar import TensorSharedVariable
from ptembed.theano.tensor.sharedvar import tensor_constructor as _shared
from ptembed.theano.tensor.subtensor import *
from ptembed.theano.tensor.type_other import *
from ptembed.theano.tensor.var import (
    AsTensorError,
    TensorConstant,
    TensorConstantSignature,
    TensorVariable,
    _tensor_py_operators,
)
from ptembed.theano.tensor.basic import *
from ptembed.theano.tensor.sort import argsort, argtopk, sort, topk, topk_and_argtopk
from ptembed.theano.tensor import raw_random, shared_randomstreams

__getattr__ = _gone.getattr_of(
    __name__,
    {
        **MPI_NAMES,
        "inc_code": ("it was C code", "theano.tensor.inc_subtensor"),
        "opt_uncanonicalize": ("PyTensor's rewrites are in other modules", "pytensor.tensor.rewriting"),
    },
    {
        **{name: f"ptembed.theano.tensor.{name}" for name in ("fft", "slinalg")},
        "int32_t": "pytensor.scalar:int32",
        "key_to_cmp": "ptembed.theano.gof.sched:key_to_cmp",
        "shared": "ptembed.theano.compile.sharedvalue:shared",
    },
)
