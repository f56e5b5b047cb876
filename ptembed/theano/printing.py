"""Graphs as text and as pictures."""

import hashlib
import importlib.util

import numpy as np
import pytensor.printing
from pytensor.printing import (
    VALID_ASSOC,
    DefaultPrinter,
    IgnorePrinter,
    LeafPrinter,
    OperatorPrinter,
    PatternPrinter,
    PPrinter,
    PrinterState,
    _print_fn,
    default_colorCodes,
    default_printer,
    leaf_printer,
    set_precedence,
)
from pytensor.tensor.elemwise import Elemwise

from ptembed.theano._graph_text import debugprint, op_text, type_text, variable_text
from ptembed.theano.gof.graph import Apply, Variable
from ptembed.theano.gof.op import Op

__all__ = [
    "VALID_ASSOC",
    "DefaultPrinter",
    "FunctionPrinter",
    "IgnorePrinter",
    "LeafPrinter",
    "OperatorPrinter",
    "PPrinter",
    "PatternPrinter",
    "Print",
    "PrinterState",
    "debugprint",
    "default_colorCodes",
    "default_printer",
    "hex_digest",
    "leaf_printer",
    "min_informative_str",
    "position_independent_str",
    "pp",
    "pprint",
    "pydot_imported",
    "pydotprint",
    "var_descriptor",
]


class _TheanosLeaf(LeafPrinter):
    """Prints a variable without an owner as Theano did."""

    def process(self, output, pstate):
        if output not in pstate.memo:
            pstate.memo[output] = variable_text(output)
        return pstate.memo[output]


class _TheanosElemwise(DefaultPrinter):
    """Prints ``Elemwise{exp,no_inplace}(x)`` as ``exp(x)``."""

    def process(self, output, pstate):
        if output not in pstate.memo:
            name = str(output.owner.op.scalar_op).lower()
            with set_precedence(pstate):
                inputs = ", ".join(pstate.pprinter.process(v, pstate) for v in output.owner.inputs)
            pstate.memo[output] = f"{name}({inputs})"
        return pstate.memo[output]


def _is_plain_elemwise(pstate, variable):
    op = variable.owner_op
    return isinstance(op, Elemwise) and op not in pytensor.printing.pprint.printers_dict


#: Writes an expression in one line.
pp = pprint = pytensor.printing.pprint.clone_assign(_is_plain_elemwise, _TheanosElemwise()).clone_assign(
    lambda pstate, variable: variable.owner is None, _TheanosLeaf()
)
use_ascii = True
special: dict[str, str] = {}
greek: dict[str, str] = {}

#: Whether :func:`pydotprint` can work.
pydot_imported = importlib.util.find_spec("pydot") is not None
pydot_imported_msg = "" if pydot_imported else "pydotprint needs graphviz and pydot: run `pip install pydot`."


class FunctionPrinter(pytensor.printing.FunctionPrinter):
    """Prints the output ``i`` of a node as ``names[i](inputs)``."""

    def __init__(self, *names):
        super().__init__(list(names))


class Print(Op):
    """The identity, which prints when it is computed.

    Parameters
    ----------
    message : str
        Is printed first.
    attrs : tuple of str
        The attributes of the value to print, or its methods, which are called.
    global_fn : callable
        Called with this Op and the value in place of printing.
    """

    view_map = {0: [0]}
    __props__ = ("message", "attrs", "global_fn")

    def __init__(self, message="", attrs=("__str__",), global_fn=_print_fn):
        self.message, self.attrs, self.global_fn = message, tuple(attrs), global_fn

    def make_node(self, xin):
        return Apply(self, [xin], [xin.type.make_variable()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0]
        self.global_fn(self, inputs[0])

    def grad(self, inputs, output_grads):
        return output_grads

    def R_op(self, inputs, eval_points):
        return list(eval_points)

    def infer_shape(self, node, shapes):
        return shapes

    def do_constant_folding(self, node):
        return False

    def __setstate__(self, state):
        state.setdefault("global_fn", _print_fn)
        vars(self).update(state)


def pydotprint(fct, outfile=None, *args, **kwargs):
    """Draw a graph with graphviz; takes the arguments of PyTensor's ``pydotprint``, which are Theano's.

    Raises
    ------
    RuntimeError
        If pydot or graphviz is missing.
    """
    if not pydot_imported:
        raise RuntimeError(pydot_imported_msg)
    try:
        return pytensor.printing.pydotprint(fct, outfile, *args, **kwargs)
    except ImportError as missing:
        raise RuntimeError(
            f"pydotprint needs graphviz's program dot on the PATH: install graphviz ({missing})."
        ) from missing


class _TagGenerator:
    """Gives ``A``, ``B``, ..., ``Z``, ``BA``, ..."""

    def __init__(self):
        self.count = 0

    def get_tag(self) -> str:
        self.count += 1
        return pytensor.printing.char_from_number(self.count - 1)


def min_informative_str(obj, indent_level=0, _prev_obs=None, _tag_generator=None) -> str:
    """Write as much of the graph of ``obj`` as says what it is in terms of constants and variables with names.

    Each line has a letter; what comes again is written as ``<A>``.
    """
    return "\n".join(
        _informative(obj, indent_level, {} if _prev_obs is None else _prev_obs, _tag_generator or _TagGenerator())
    )


def _informative(obj, level, seen, tags):
    indent = " " * level
    if id(obj) in seen:
        return [f"{indent}<{seen[id(obj)]}>"]
    tag = seen[id(obj)] = tags.get_tag()
    if getattr(obj, "name", None) is not None:
        what = obj.name
    elif getattr(obj, "owner", None) is not None:
        what = op_text(obj.owner.op)
    else:
        what = variable_text(obj) if isinstance(obj, Variable) else str(obj)
    lines = [f"{indent}{tag}. {what}"]
    if getattr(obj, "owner", None) is not None and obj.name is None:
        for given in obj.owner.inputs:
            lines += _informative(given, level + 1, seen, tags)
    return lines


def var_descriptor(obj, _prev_obs=None, _tag_generator=None) -> str:
    """Write the whole graph of ``obj``, so that equal graphs have equal texts in whichever process they are made."""
    seen = {} if _prev_obs is None else _prev_obs
    tags = _tag_generator or _TagGenerator()
    if id(obj) in seen:
        return f"<{seen[id(obj)]}>"
    seen[id(obj)] = tag = tags.get_tag()
    if hasattr(obj, "__array__") and not isinstance(obj, Variable):
        text = f"<ndarray:strides=[{','.join(str(s) for s in obj.strides)}],digest={_digest(obj)}>"
    elif getattr(obj, "name", None) is not None:
        text = obj.name
    elif getattr(obj, "owner", None) is not None:
        inputs = ",".join(var_descriptor(given, seen, tags) for given in obj.owner.inputs)
        text = f"{op_text(obj.owner.op)}({inputs})"
    else:
        text = variable_text(obj) if isinstance(obj, Variable) else str(obj)
        if " at 0x" in text:
            text = str(type(obj))
    return f"{tag}={text}"


def position_independent_str(obj) -> str:
    """Write a variable without its name or its address."""
    if isinstance(obj, Variable):
        return f"theano_var{{type={type_text(obj.type)}}}"
    raise NotImplementedError(f"position_independent_str takes a variable, got {type(obj)}.")


def hex_digest(x) -> str:
    """The SHA-256 of an array's bytes in hexadecimal, its strides and its shape."""
    parts = [f"{name}=[{','.join(str(n) for n in getattr(x, name))}]" for name in ("strides", "shape")]
    return "|".join([_digest(x), *parts])


def _digest(x) -> str:
    return hashlib.sha256(np.ascontiguousarray(x).tobytes()).hexdigest()
