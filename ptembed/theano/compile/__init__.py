"""Functions, modes and shared variables."""

from ptembed.theano import _gone
from ptembed.theano.compile import function_module, io, mode, ops, sharedvalue
from ptembed.theano.compile.function import function, function_dump
from ptembed.theano.compile.function_module import (
    DUPLICATE,
    NODEFAULT,
    AliasedMemoryError,
    Function,
    FunctionMaker,
    Supervisor,
    UnusedInputError,
    alias_root,
    check_equal,
    convert_function_input,
    fgraph_updated_vars,
    get_info_on_inputs,
    infer_reuse_pattern,
    insert_deepcopy,
    orig_function,
    register_checker,
    std_fgraph,
    view_tree_set,
)
from ptembed.theano.compile.io import In, Out, SymbolicInput, SymbolicOutput
from ptembed.theano.compile.mode import (
    FAST_COMPILE,
    FAST_RUN,
    OPT_FAST_COMPILE,
    OPT_FAST_RUN,
    OPT_FAST_RUN_STABLE,
    OPT_MERGE,
    OPT_NONE,
    OPT_O2,
    OPT_O3,
    OPT_STABILIZE,
    OPT_UNSAFE,
    AddDestroyHandler,
    AddFeatureOptimizer,
    Mode,
    PrintCurrentFunctionGraph,
    config,
    exclude,
    get_default_mode,
    get_mode,
    instantiated_default_mode,
    local_useless,
    optdb,
    predefined_linkers,
    predefined_modes,
    predefined_optimizers,
    register_linker,
    register_mode,
    register_optimizer,
)
from ptembed.theano.compile.ops import (
    DeepCopyOp,
    FromFunctionOp,
    Rebroadcast,
    Shape,
    Shape_i,
    SpecifyShape,
    ViewOp,
    as_op,
    deep_copy_op,
    register_deep_copy_op_c_code,
    register_shape_c_code,
    register_shape_i_c_code,
    register_view_op_c_code,
    shape,
    specify_shape,
    view_op,
)
from ptembed.theano.compile.pfunc import Param, pfunc, rebuild_collect_shared
from ptembed.theano.compile.sharedvalue import SharedVariable, shared, shared_constructor

_OWN = "ptembed.theano.compile"
__getattr__ = _gone.getattr_of(
    __name__,
    {"register_rebroadcast_c_code": ops.C_CODE, "register_specify_shape_c_code": ops.C_CODE},
    {
        **{
            name: f"{_OWN}.{name}"
            for name in ("builders", "debugmode", "monitormode", "nanguardmode", "profilemode", "profiling")
        },
        "DebugMode": f"{_OWN}.debugmode:DebugMode",
        "MonitorMode": f"{_OWN}.monitormode:MonitorMode",
        "OpFromGraph": f"{_OWN}.builders:OpFromGraph",
        "inline_ofg_expansion": f"{_OWN}.builders:inline_ofg_expansion",
        "ProfileMode": f"{_OWN}.profilemode:ProfileMode",
        "ProfileStats": f"{_OWN}.profiling:ProfileStats",
        "ScanProfileStats": f"{_OWN}.profiling:ScanProfileStats",
        "DisconnectedType": "pytensor.gradient:DisconnectedType",
        "NullType": "pytensor.graph.null_type:NullType",
        "Variable": "pytensor.graph.basic:Variable",
        "io_connection_pattern": "pytensor.graph.op:io_connection_pattern",
        "is_same_graph": "ptembed.theano.gof.graph:is_same_graph",
        "ops_with_inner_function": "ptembed.theano.gof.op:ops_with_inner_function",
    },
)
