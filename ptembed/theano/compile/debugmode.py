"""The mode that checks itself."""

from pytensor.compile.debug import debugmode
from pytensor.compile.debug.debugmode import (
    _NODEFAULT,
    BadDestroyMap,
    BadOptimization,
    BadThunkOutput,
    BadViewMap,
    DataDestroyed,
    DebugModeError,
    InvalidValueError,
    NoDuplicateOptWarningFilter,
    StochasticOrder,
    StringIO,
    _check_inputs,
    _check_preallocated_output,
    _check_strides_match,
    _check_viewmap,
    _DummyLinker,
    _find_bad_optimizations,
    _FunctionGraphEvent,
    _get_preallocated_maps,
    _is_used_in_graph,
    _lessbroken_deepcopy,
    _Linker,
    _logger,
    _VariableEquivalenceTracker,
    check_eq,
    data_destroyed,
    default_make_thunk,
)

from ptembed.theano import _gone
from ptembed.theano.compile.function_module import (
    Function,
    FunctionMaker,
    MakesTheanoFunctions,
    infer_reuse_pattern,
    std_fgraph,
)
from ptembed.theano.compile.mode import Mode, register_mode
from ptembed.theano.configparser import change_flags, config


class _Maker(MakesTheanoFunctions, debugmode._Maker):  # type: ignore[misc]
    """Compiles a graph so that each node is checked when it runs."""


class DebugMode(debugmode.DebugMode):
    """Runs each node in every way it can be run, checks that the results agree, and each rewrite too; slow.

    Parameters
    ----------
    optimizer : str or query
    stability_patience : int
        How often the graph is rewritten, to see whether the rewrites are deterministic.
    check_c_code, check_py_code, check_isfinite : bool
    check_preallocated_output : list of str
    require_matching_strides : {0, 1, 2}
        Not checked, a warning, an error.

    Raises
    ------
    DebugModeError
        When a function runs, or is compiled: of the kind that says what is wrong.
    """

    function_maker = _Maker

    def __init__(
        self,
        optimizer="fast_run",
        stability_patience=None,
        check_c_code=None,
        check_py_code=None,
        check_isfinite=None,
        check_preallocated_output=None,
        require_matching_strides=None,
        linker=None,
    ):
        super().__init__(
            optimizer,
            stability_patience,
            check_c_code,
            check_py_code,
            check_isfinite,
            check_preallocated_output,
            require_matching_strides,
            linker,
        )


_INSIDE = ("it was a part of DebugMode's inside", "DebugMode")
__getattr__ = _gone.getattr_of(
    __name__,
    dict.fromkeys((f"_find_bad_optimizations{i}" for i in range(3)), _INSIDE)
    | {
        "_optcheck_fgraph": _INSIDE,
        "char_from_number": ("PyTensor names what it prints", "theano.printing.debugprint"),
    },
    {
        "OutputGuard": "pytensor.compile.debug.debugmode:OutputGuard",
        "_output_guard": "pytensor.compile.debug.debugmode:output_guard",
        "debugprint": "ptembed.theano.printing:debugprint",
        "raise_with_op": "pytensor.link.utils:raise_with_op",
    },
)
