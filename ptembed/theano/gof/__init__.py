"""Graphs, Ops and their optimisation."""

from ptembed.theano import _gone

# isort: split
from ptembed.theano.gof import (
    destroyhandler,
    fg,
    graph,
    link,
    null_type,
    op,
    opt,
    optdb,
    params_type,
    toolbox,
    type,
    utils,
)
from ptembed.theano.gof.destroyhandler import DestroyHandler
from ptembed.theano.gof.fg import CachedConstantError, FunctionGraph, InconsistencyError, MissingInputError
from ptembed.theano.gof.graph import Apply, Constant, Variable, view_roots
from ptembed.theano.gof.link import Container, Linker, LocalLinker, PerformLinker, WrapLinker, WrapLinkerMany
from ptembed.theano.gof.op import COp, Op, OpenMPOp, PureOp, ops_with_inner_function
from ptembed.theano.gof.opt import (
    CheckStackTraceOptimization,
    EquilibriumOptimizer,
    LocalOptGroup,
    LocalOptimizer,
    MergeOptimizer,
    NavigatorOptimizer,
    OpKeyOptimizer,
    OpRemove,
    OpSub,
    Optimizer,
    PatternSub,
    SeqOptimizer,
    TopoOptimizer,
    inplace_optimizer,
    local_optimizer,
    optimizer,
)
from ptembed.theano.gof.optdb import DB, EquilibriumDB, LocalGroupDB, ProxyDB, Query, SequenceDB
from ptembed.theano.gof.params_type import Params, ParamsType
from ptembed.theano.gof.toolbox import (
    Bookkeeper,
    Feature,
    History,
    NodeFinder,
    NoOutputFromInplace,
    PrintListener,
    ReplacementDidntRemovedError,
    ReplaceValidate,
    Validator,
)
from ptembed.theano.gof.type import CEnumType, EnumList, EnumType, Generic, Type, generic
from ptembed.theano.gof.utils import MethodNotDefined, hashtype, object2

_LAZY = ("callcache", "cc", "cmodule", "compiledir", "compilelock", "sched", "unify", "vm")

__getattr__ = _gone.getattr_of(
    __name__,
    {"Value": ("it ended with Theano 0.6", "theano.gof.Constant")},
    {name: f"{__name__}.{name}" for name in _LAZY}
    | {name: f"{__name__}.cc:{name}" for name in ("CLinker", "DualLinker", "HideC", "OpWiseCLinker")},
)
