"""Theano 1.0.5's language, on PyTensor.

The package has Theano's module tree. It starts from what PyTensor has and overrides what differs;
:func:`ptembed.legacy.activate` puts it under the name ``theano``. Read :mod:`ptembed.theano.tensor.basic` next.
"""

import sys
import warnings

# What a program of 2016 can do nothing about: Numba has a BLAS of its own, and takes arrays as they come.
for _message in (
    *("PyTensor could not link to a BLAS", "Using NumPy C-API based", ".*is faster on contiguous arrays"),
    *("Setting default_update is deprecated", "Numba will use object mode"),
):
    warnings.filterwarnings("ignore", message=_message)

from ptembed.theano.configparser import change_flags, config

# isort: split
from pytensor.compile.sharedvalue import SharedVariable

from ptembed.theano import (
    _gone,
    compat,
    compile,
    gof,
    gradient,
    ifelse,
    printing,
    scan_module,
    tensor,
    updates,
    version,
)
from ptembed.theano._toplevel import (
    disable_log_handler,
    get_scalar_constant_value,
    has_handlers,
    logging_default_formatter,
    logging_default_handler,
    test,
    theano_logger,
)
from ptembed.theano.compat import PY3
from ptembed.theano.compile import (
    FunctionMaker,
    In,
    Mode,
    Out,
    Param,
    SymbolicInput,
    SymbolicOutput,
    as_op,
    function,
    function_dump,
    predefined_linkers,
    predefined_modes,
    predefined_optimizers,
    shared,
)
from ptembed.theano.gof import (
    Apply,
    Constant,
    Container,
    FunctionGraph,
    Generic,
    InconsistencyError,
    Linker,
    LocalLinker,
    Op,
    OpenMPOp,
    PerformLinker,
    Type,
    Variable,
    generic,
    object2,
    opt,
    toolbox,
    utils,
)
from ptembed.theano.gradient import Lop, Rop, grad, sparse_grad, subgraph_grad
from ptembed.theano.misc.safe_asarray import _asarray
from ptembed.theano.printing import pp, pprint
from ptembed.theano.scan_module import clone, foldl, foldr, map, reduce, scan, scan_checkpoints
from ptembed.theano.updates import OrderedUpdates

__version__ = version.version
__api_version__ = 1
theano = sys.modules[__name__]
dot = tensor.dot

LAZY = ("d3viz", "gpuarray", "misc", "raise_op", "sandbox", "sparse", "tests", "typed_list")
__getattr__ = _gone.getattr_of(
    __name__,
    lazy={
        **{name: f"{__name__}.{name}" for name in LAZY},
        "np": "numpy",
        "CLinker": "ptembed.theano.gof.cc:CLinker",
        "DualLinker": "ptembed.theano.gof.cc:DualLinker",
        "OpWiseCLinker": "ptembed.theano.gof.cc:OpWiseCLinker",
        "OpFromGraph": "ptembed.theano.compile.builders:OpFromGraph",
        "ProfileMode": "ptembed.theano.compile.profilemode:ProfileMode",
        "ProfileStats": "ptembed.theano.compile.profiling:ProfileStats",
    },
)
