"""Graphs as indented text, as Theano printed them: ``debugprint``."""

import sys
from io import StringIO

import numpy as np
from pytensor.compile.executor import Function
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.op import HasInnerGraph
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.type import TensorType

__all__ = ["debugprint", "op_text", "type_text", "variable_text"]

_NAMES = {(): "scalar", (False,): "vector", (False, False): "matrix", (True, False): "row", (False, True): "col"}


def debugprint(
    obj,
    depth=-1,
    print_type=False,
    file=None,
    ids="CHAR",
    stop_on_name=False,
    done=None,
    print_storage=False,
    print_clients=False,
    used_ids=None,
):
    """Print a graph, a line for each Op and leaf, what it is computed from below it.

    Parameters
    ----------
    obj : variable, node, compiled function, function graph, or a list of them
    depth : int
        How many levels; -1 is all.
    print_type : bool
        Whether each line has the type.
    file : None, 'str' or file
        Where to print to; ``None`` is standard output, ``'str'`` gives the text back.
    ids : {'CHAR', 'int', 'id', ''}
        What tells equal lines apart: letters, numbers, Python's ``id``, or nothing.
    stop_on_name : bool
        Whether to leave out what a variable with a name is computed from.
    done : dict, optional
        The nodes printed before, whose inputs are left out.
    print_storage : bool
        Whether the lines of a function have the values of its variables.
    print_clients : bool
        Whether the lines of a function have the other users of a variable.
    used_ids : dict, optional
        The ids given before.

    Returns
    -------
    str or None
        The text, if ``file`` is ``'str'``.
    """
    if not isinstance(depth, int):
        raise TypeError(f"depth must be an integer, got {depth!r}.")
    if depth == 0:
        return None
    out = StringIO() if file == "str" else file or sys.stdout
    lines = _Lines(out, depth, print_type, ids, stop_on_name, done, used_ids)
    for variable, graph, storage in _variables(obj):
        lines.graph, lines.order = graph, {n: i for i, n in enumerate(graph.toposort())} if graph else {}
        lines.storage = storage if print_storage else None
        lines.print_clients = print_clients
        lines.variable(variable)
    lines.inner_graphs()
    if file == "str":
        return out.getvalue()
    if hasattr(out, "flush"):
        out.flush()
    return None


def _variables(obj):
    """Give the variables to print, with the graph and the storage they are in."""
    if isinstance(obj, list | tuple | set):
        for one in obj:
            yield from _variables(one)
    elif isinstance(obj, Function):
        graph = obj.maker.fgraph
        storage = getattr(obj.vm, "storage_map", None) or {}
        if not all(output in storage for output in graph.outputs):  # a linker of another kind, or of a copy
            storage = _storage_of_inputs(obj)
        for output in graph.outputs:
            yield output, graph, storage
    elif isinstance(obj, FunctionGraph):
        for output in obj.outputs:
            yield output, obj, None
    elif isinstance(obj, Apply):
        for output in obj.outputs:
            yield output, None, None
    elif isinstance(obj, Variable):
        yield obj, None, None
    else:
        raise TypeError(f"debugprint takes variables, nodes, functions and graphs, got {type(obj)}.")


def _storage_of_inputs(function) -> dict:
    """What any linker has: the values of constants and inputs."""
    graph = function.maker.fgraph
    storage = {v: [v.data if isinstance(v, Constant) else None] for v in graph.variables}
    return storage | dict(zip(graph.inputs, (c.storage for c in function.input_storage), strict=False))


class _Lines:
    """The lines printed so far: which ids are taken, which nodes need not be printed again."""

    def __init__(self, out, depth, print_type, ids, stop_on_name, done, used_ids):
        self.out, self.depth, self.print_type, self.ids, self.stop_on_name = out, depth, print_type, ids, stop_on_name
        self.done = {} if done is None else done
        self.used_ids = {} if used_ids is None else used_ids
        self.with_graph: list = []
        self.graph, self.order, self.storage, self.print_clients = None, {}, None, False
        self.outer: dict = {}

    def id_of(self, obj, known=True) -> str:
        if obj in self.used_ids:
            return self.used_ids[obj]
        if obj == "output":
            text = "output"
        elif self.ids == "id":
            text = f"[id {id(obj)}]"
        elif self.ids == "int":
            text = f"[id {len(self.used_ids)}]"
        elif self.ids == "CHAR":
            text = f"[id {_letters(len(self.used_ids))}]"
        else:
            text = ""
        if known:
            self.done[obj] = text
        self.used_ids[obj] = text
        return text

    def variable(self, variable, prefix="", below="", depth=None) -> None:
        depth = self.depth if depth is None else depth
        if depth == 0:
            return
        if variable.owner is None:
            self.leaf(variable, prefix)
            return
        node = variable.owner
        printed = node in self.done
        self.node_line(variable, prefix)
        if isinstance(node.op, HasInnerGraph) and not printed:
            self.with_graph.append(variable)
        if printed or (self.stop_on_name and variable.name is not None):
            return
        for i, given in enumerate(node.inputs):
            last = i == len(node.inputs) - 1
            self.variable(given, below + " |", below + ("  " if last else " |"), depth - 1)

    def node_line(self, variable, prefix) -> None:
        node = variable.owner
        output = f".{variable.index}" if len(node.outputs) > 1 else ""
        text = f"{prefix}{op_text(node.op)}{output} {self.id_of(node)}{self.type_of(variable)}"
        text += f" '{variable.name or ''}'   {self.order.get(node, '')}"
        if self.storage:
            text += f" {self.storage.get(node.outputs[0], '')}"
        print(text + self.clients_of(variable), file=self.out)

    def leaf(self, variable, prefix) -> None:
        text = f"{prefix}{variable_text(variable)} {self.id_of(variable)}{self.type_of(variable)}"
        if variable in self.outer:
            text += f" -> {self.id_of(self.outer[variable].owner or self.outer[variable])}"
        if self.storage:
            text += f" {self.storage.get(variable, '')}"
        print(text, file=self.out)

    def type_of(self, variable) -> str:
        return f" <{type_text(variable.type)}>" if self.print_type else ""

    def clients_of(self, variable) -> str:
        clients = self.graph.clients.get(variable, []) if self.print_clients and self.graph else []
        if len(clients) < 2:
            return ""
        users = ["output" if node not in self.order else node for node, _ in clients]
        users.sort(key=lambda user: user != "output")
        return f" clients:{[(self.id_of(user, known=False), self.order.get(user, '')) for user in users]}"

    def inner_graphs(self) -> None:
        if not self.with_graph:
            return
        print("", file=self.out)
        print("Inner graphs of the scan ops:", file=self.out)
        self.graph, self.order, self.storage = None, {}, None
        while self.with_graph:
            variable = self.with_graph.pop(0)
            print("", file=self.out)
            self.node_line(variable, "")
            self.outer = _outer_inputs(variable.owner)
            for output in variable.owner.op.inner_outputs:
                self.variable(output, " >", " >")


def _outer_inputs(node) -> dict:
    op = node.op
    if not hasattr(op, "get_oinp_iinp_iout_oout_mappings"):
        return dict(zip(op.inner_inputs, node.inputs, strict=False))
    places = op.get_oinp_iinp_iout_oout_mappings()["outer_inp_from_inner_inp"]
    return {op.inner_inputs[inner]: node.inputs[outer] for inner, outer in places.items()}


def _letters(number: int) -> str:
    """``A`` to ``Z``, then ``BA``: the number in base 26."""
    text = ""
    while True:
        number, digit = divmod(number, 26)
        text = chr(ord("A") + digit) + text
        if not number:
            return text


def op_text(op) -> str:
    """The name of an Op, as Theano wrote that of the commonest."""
    if isinstance(op, DimShuffle):
        return f"InplaceDimShuffle{{{','.join(str(i) for i in op.new_order)}}}"
    if not isinstance(op, Elemwise):
        return str(op)
    if not op.inplace_pattern:
        return f"Elemwise{{{str(op.scalar_op).lower()},no_inplace}}"
    return f"Elemwise{{{op.scalar_op}}}{sorted(op.inplace_pattern.items())}"


def variable_text(variable) -> str:
    """The name of a variable without an owner, or its value or type."""
    if variable.name:
        return variable.name
    if isinstance(variable, Constant):
        return _constant(variable)
    return f"<{type_text(variable.type)}>"


def _constant(constant) -> str:
    data = constant.data
    if not isinstance(constant.type, TensorType):
        return f"Constant{{{data}}}"
    same = data.ndim and data.size and np.all(data == data.flat[0])
    text = f"{data.shape} of {data.flat[0]}" if same else str(data)
    return f"TensorConstant{{{text if len(text) <= 20 else text[:10] + '..' + text[-10:]}}}"


def type_text(type_) -> str:
    """A type as Theano wrote it: ``TensorType(float64, matrix)``."""
    if not isinstance(type_, TensorType):
        return str(type_)
    pattern = tuple(type_.broadcastable)
    name = _NAMES.get(pattern) or (str(pattern) if any(pattern) else f"{len(pattern)}D")
    return f"TensorType({type_.dtype}, {name})"
