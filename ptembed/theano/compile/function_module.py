"""What compiles a function: :class:`FunctionMaker`, PyTensor's, for the inputs and functions of Theano's.

Read :mod:`ptembed.theano.compile.compiled` for the function that comes of it.
"""

import contextlib
import logging
import re

import pytensor.compile.maker
from pytensor.compile.aliasing import Supervisor, alias_root, infer_reuse_pattern, insert_deepcopy, view_tree_set
from pytensor.compile.executor import DUPLICATE, AliasedMemoryError
from pytensor.compile.io import SymbolicInput, SymbolicOutput
from pytensor.compile.maker import UnusedInputError
from pytensor.compile.ops import deep_copy_op, view_op
from pytensor.graph.basic import Variable
from pytensor.graph.features import PreserveVariableAttributes
from pytensor.link.basic import Container

from ptembed.theano.compile.compiled import Function, _constructor_Function, _pickle_Function, get_info_on_inputs
from ptembed.theano.compile.io import In, convert_function_input
from ptembed.theano.compile.mode import get_mode
from ptembed.theano.configparser import change_flags, config

__all__ = [
    "DUPLICATE",
    "NODEFAULT",
    "AliasedMemoryError",
    "Function",
    "FunctionMaker",
    "Supervisor",
    "UnusedInputError",
    "alias_root",
    "check_equal",
    "convert_function_input",
    "fgraph_updated_vars",
    "get_info_on_inputs",
    "infer_reuse_pattern",
    "insert_deepcopy",
    "orig_function",
    "register_checker",
    "std_fgraph",
    "view_tree_set",
]

_logger = logging.getLogger("theano.compile.function_module")
NODEFAULT = ["NODEFAULT"]
for _moved in (Function, _constructor_Function):
    _moved.__module__ = __name__  # which pickles name


class MakesTheanoFunctions:
    """What a maker of PyTensor's needs to make functions of Theano's."""

    def __init__(
        self,
        inputs,
        outputs,
        mode=None,
        accept_inplace=False,
        function_builder=Function,
        profile=None,
        on_unused_input=None,
        fgraph=None,
        output_keys=None,
        name=None,
        function_class=None,
        no_fgraph_prep=None,
        trust_input=False,
    ):
        self.output_keys = output_keys
        if fgraph is not None:
            pairs = zip(inputs, fgraph.inputs, strict=True)
            _leave_alone([var for given, var in pairs if given.update is None and _was_updated(given)], fgraph)
        super().__init__(
            inputs,
            outputs,
            mode,
            accept_inplace=accept_inplace,
            function_class=function_class or function_builder,
            profile=profile,
            on_unused_input=on_unused_input,
            fgraph=fgraph,
            name=name,
            no_fgraph_prep=fgraph is not None if no_fgraph_prep is None else no_fgraph_prep,
            trust_input=trust_input,
        )
        for given in self.inputs:
            given.was_updated = given.update is not None or _was_updated(given)
        values = [getattr(given, "value", None) for given in self.inputs]
        self.required = [value is None for value in values]
        self.refeed = [
            value is not None and not isinstance(value, Container | Variable) and given.update is None
            for value, given in zip(values, self.inputs, strict=True)
        ]

    @property
    def function_builder(self):
        return self.function_class

    @property
    def indices(self):
        return [(given, None, [given]) for given in self.inputs]

    @staticmethod
    def wrap_in(given):
        """An ``In`` of a variable or a pair of a variable and its update."""
        if isinstance(given, SymbolicInput):
            return given
        if isinstance(given, Variable):
            return In(given)
        if isinstance(given, list | tuple) and len(given) == 2:
            return In(given[0], update=given[1])
        raise TypeError(f"An input must be a Variable, an In, or a pair of a variable and its update, got {given}.")

    def create(self, input_storage=None, trustme=False, storage_map=None):
        """The function, with the given values or cells as its inputs' first ones."""
        return super().create(input_storage, storage_map)


class FunctionMaker(MakesTheanoFunctions, pytensor.compile.maker.FunctionMaker):  # type: ignore[misc]
    """Compiles a graph: rewrites it, gives it to the linker, makes the :class:`Function`."""

    def __setstate__(self, state):
        """Compile anew what Theano pickled, with the default mode: its compiled graph is of no use here."""
        if "function_builder" not in state:
            vars(self).update(state)
            return
        if config.unpickle_function:
            outputs = None if state["return_none"] else state["outputs"]
            outputs = outputs[0] if state["unpack_single"] and outputs else outputs
            options = {name: state.get(name) for name in ("accept_inplace", "output_keys", "name")}
            self.__init__(state["inputs"], outputs, get_mode(None), on_unused_input="ignore", **options)


def _was_updated(given) -> bool:
    """Whether the input had an update in the function that this one is a copy of."""
    return getattr(given, "was_updated", False)


def _leave_alone(variables, fgraph):
    """Let the graph, which was compiled to overwrite these inputs of it, overwrite copies of them."""
    for node in list(fgraph.apply_nodes):
        for i in {i for overwritten in node.op.destroy_map.values() for i in overwritten}:
            if alias_root(node.inputs[i]) in variables:
                fgraph.change_node_input(node, i, deep_copy_op(node.inputs[i]))


def _maker_of(mode):
    """The class of the mode's maker, made to make functions of Theano's."""
    maker = getattr(mode, "function_maker", FunctionMaker)
    if maker is pytensor.compile.maker.FunctionMaker:
        return FunctionMaker
    if isinstance(maker, type) and not issubclass(maker, MakesTheanoFunctions):
        from ptembed.theano.compile.debugmode import _Maker

        return _Maker if issubclass(_Maker, maker) else maker
    return maker


@contextlib.contextmanager
def theanos_words():
    """Let PyTensor's errors speak of Theano."""
    try:
        yield
    except (TypeError, ValueError, RuntimeError, UnusedInputError) as error:
        error.args = tuple(re.sub(r"\b[Pp]y[Tt]ensor\b", "theano", a) if isinstance(a, str) else a for a in error.args)
        raise


def orig_function(
    inputs,
    outputs,
    mode=None,
    accept_inplace=False,
    name=None,
    profile=None,
    on_unused_input=None,
    output_keys=None,
):
    """Compile a graph that has no shared variables but those among its inputs.

    Parameters
    ----------
    inputs : list of variables, ``In``, or their shorthands
        See :func:`convert_function_input`.
    outputs : variable, ``Out``, list of them, or None
    output_keys : list of str, optional
        The keys under which the outputs are given back.
    mode, accept_inplace, name, profile, on_unused_input
        As in :func:`~ptembed.theano.compile.function.function`.

    Returns
    -------
    Function
    """
    import ptembed.theano.compile.kernels  # registers them, as does the next; not above, because they import Numba
    from ptembed.rewrites.dense_history import as_written

    mode = get_mode(mode)
    with theanos_words(), as_written():
        maker = _maker_of(mode)(
            [convert_function_input(given) for given in inputs],
            outputs,
            mode,
            accept_inplace=accept_inplace,
            profile=profile,
            on_unused_input=on_unused_input,
            name=name,
            output_keys=output_keys,
        )
    with change_flags(compute_test_value="off"):
        return maker.create()


def std_fgraph(input_specs, output_specs, accept_inplace=False):
    """A graph for ``In`` and ``Out`` as a maker makes it, and the ``Out`` of its updates."""
    return pytensor.compile.maker.FunctionMaker.create_fgraph(
        input_specs, output_specs, accept_inplace, features=std_fgraph.features, force_clone=True
    )


std_fgraph.features = [PreserveVariableAttributes]  # type: ignore[attr-defined]


def fgraph_updated_vars(fgraph, expanded_inputs):
    """Each input of the graph that has an update, and the output that is its new value."""
    if len(expanded_inputs) != len(fgraph.inputs):
        raise ValueError("expanded_inputs must match len(fgraph.inputs)")
    updated = [var for given, var in zip(expanded_inputs, fgraph.inputs, strict=True) if given.update is not None]
    return dict(zip(updated, fgraph.outputs[len(fgraph.outputs) - len(updated) :], strict=True))


_checkers: list = []


def check_equal(x, y):
    """Whether two values are equal, to the first registered checker that takes them, or by ``==``."""
    for checker in _checkers:
        try:
            return checker(x, y)
        except Exception:
            continue
    return x == y


def register_checker(checker):
    """Let :func:`check_equal` ask ``checker(x, y)`` first."""
    _checkers.insert(0, checker)
