"""Variables replaced wherever they are in a graph, inside of loops and of Ops made of graphs too."""

from pytensor.compile.builders import OpFromGraph
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant
from pytensor.graph.replace import clone_replace
from pytensor.graph.traversal import ancestors, graph_inputs
from pytensor.scan.op import Scan
from pytensor.scan.utils import safe_new

from ptembed import _pytensor

__all__ = ["map_variables", "remember_step"]


def map_variables(replacer, graphs, additional_inputs=()):
    """Copies of graphs where each variable is what a function says.

    Parameters
    ----------
    replacer : callable
        Takes a variable; returns what takes its place, or the variable itself.
    graphs : iterable of variables
    additional_inputs : iterable of variables
        Inputs that only the replacements have. They are found without it.

    Returns
    -------
    list of variables
        The new graphs.

    Raises
    ------
    NotImplementedError
        If a replacement brings a shared variable that has an update into a loop: the loop would have to update it.

    Examples
    --------
    >>> import ptembed.theano.tensor as T
    >>> a, b = T.dscalars("a", "b")
    >>> (doubled,) = map_variables(lambda v: b if v is a else v, [2 * a])
    >>> float(doubled.eval({b: 4.0}))
    8.0
    """
    return _Mapping(replacer).of(graphs)


class _Mapping:
    def __init__(self, replacer):
        self.replacer = replacer
        self.done = {}  # each variable seen, and what it is in the new graphs
        self.nodes = {}  # the same of nodes
        self.new = set()  # what the replacer gave: is not replaced again

    def of(self, graphs):
        return [self.of_one(graph) for graph in graphs]

    def of_one(self, var):
        if var not in self.done:
            self.done[var] = self.rebuilt(var)  # a replacement may hold the variable that it replaces
            replacement = var if var in self.new else self.replacer(var)
            self.new.add(replacement)
            if replacement is not var:
                self.done[var] = self.of_one(replacement)
        return self.done[var]

    def rebuilt(self, var):
        """``var`` computed from what its inputs are in the new graphs."""
        if var.owner is None:
            return var
        if var.owner not in self.nodes:
            self.nodes[var.owner] = self.rebuilt_node(var.owner)
        return self.nodes[var.owner].outputs[var.index]

    def rebuilt_node(self, node):
        inputs = self.of(node.inputs)
        mapped = _mapped_inside(self.replacer, node, inputs)
        if mapped is not None:
            return mapped
        return node if inputs == node.inputs else node.clone_with_new_inputs(inputs)


def remember_step(arguments, outputs, infos, results):
    """Note on the node of a loop what its step was written on and what it gave, if the step has a program's tags.

    The inner graph is a copy. What a program notes in the tags of the step's variables speaks of these, and the copy
    has other inputs; with PyTensor 3.3 it has no tags either.

    Parameters
    ----------
    arguments, outputs : lists of variables
        Of the step, in the order of ``fn``.
    infos : list of variables, dicts and None
        What is known of the outputs.
    results : list of variables
        Results of the loop, to find its node by.
    """
    node = next((found for found in map(_loop_of, results) if found is not None), None)
    if node is None or not any(_is_tagged(v) for v in ancestors(outputs, arguments)):
        return
    info = node.op.info
    taps = [_taps(one) for one in infos] or [()] * len(outputs)
    kinds = [_kind(t) for t in taps]
    next_input = [info.n_seqs, info.n_seqs + sum(len(t) for t, kind in zip(taps, kinds, strict=True) if kind == 0)]
    next_output = [0, len(info.mit_sot_in_slices), len(info.mit_sot_in_slices) + len(info.sit_sot_in_slices)]
    inputs, node.tag.step_outputs = list(range(info.n_seqs)), {}
    for output, t, kind in zip(outputs, taps, kinds, strict=True):
        node.tag.step_outputs[next_output[kind]] = output
        next_output[kind] += 1
        if t:
            inputs += range(next_input[kind], next_input[kind] + len(t))
            next_input[kind] += len(t)
    node.tag.step_arguments = dict(zip(arguments, inputs, strict=False))


def _is_tagged(var):
    """Whether a program has noted something on ``var``."""
    return not vars(var.tag).keys() <= {"trace", "test_value", "compared"}


def _taps(info):
    """The taps of an output; none if it is not fed back."""
    if isinstance(info, dict):
        return () if info.get("initial") is None else tuple(info.get("taps") or [-1])
    return () if info is None else (-1,)


def _kind(taps):
    """Where a loop has an output: among those of several taps (0), of one (1), of none (2)."""
    return (0 if taps != (-1,) else 1) if taps else 2


def _loop_of(var):
    """The node of the loop that ``var`` is a result of."""
    while var.owner is not None and not isinstance(var.owner.op, Scan):
        var = var.owner.inputs[0]
    return var.owner


def _mapped_inside(replacer, node, inputs):
    """Give a node of ``inputs`` whose inner graph is mapped too, or None if it has none or it stays as it is."""
    if not isinstance(node.op, Scan | OpFromGraph):
        return None
    inner_inputs, inner_outputs = _pytensor.inner_graph(node.op)
    arguments, results = _as_written(node)
    seen = set()
    for i, result in results.items():
        _copy_tags(result, inner_outputs[i], seen)
    outputs = map_variables(_speaking_of(replacer, {v: inner_inputs[i] for v, i in arguments.items()}), inner_outputs)
    if outputs == inner_outputs:
        return None
    foreign = [v for v in graph_inputs(outputs) if v not in inner_inputs and not isinstance(v, Constant)]
    _refuse_updates(node, outputs)
    copies = [safe_new(v, "_copy") for v in foreign]
    outputs = clone_replace(outputs, dict(zip(foreign, copies, strict=True)))
    return _like(node.op, [*inner_inputs, *copies], outputs, len(copies)).make_node(*inputs, *foreign)


def _as_written(node):
    """The variables that an inner graph was written on and what it gave, with their positions in the copy."""
    if isinstance(node.op, Scan):
        return getattr(node.tag, "step_arguments", {}), getattr(node.tag, "step_outputs", {})
    inputs = {v: i for i, v in enumerate(getattr(node.op, "given_inputs", ()))}
    return inputs, dict(enumerate(getattr(node.op, "given_outputs", ())))


def _copy_tags(var, copy, seen):
    """Give the results in a copy of a graph the tags of the original."""
    if copy in seen or var.owner is None or copy.owner is None or var.owner.op != copy.owner.op:
        return
    seen.add(copy)
    for name, value in vars(var.tag).items():
        setattr(copy.tag, name, value)
    for one, other in zip(var.owner.inputs, copy.owner.inputs, strict=True):
        _copy_tags(one, other, seen)


def _speaking_of(replacer, arguments):
    """The replacer where ``arguments`` have become other variables."""

    def replace(var):
        new = replacer(var)
        return new if new is var or not arguments else clone_replace([new], arguments)[0]

    return replace


def _refuse_updates(node, outputs):
    for v in graph_inputs(outputs):
        if isinstance(v, SharedVariable) and _updated(v):
            raise NotImplementedError(
                f"A replacement must not bring a shared variable that has an update into {node.op}, got {v}: "
                "replace it by another variable, and update that one outside."
            )


def _updated(shared):
    return getattr(shared, "update", None) is not None or getattr(shared, "default_update", None) is not None


def _like(op, inputs, outputs, more):
    """An Op of the kind of ``op``, with ``more`` arguments at its end."""
    if isinstance(op, OpFromGraph):
        return OpFromGraph(inputs, outputs, inline=op.is_inline, name=op.name)
    info = op.info.__class__(**{**vars(op.info), "n_non_seqs": op.info.n_non_seqs + more})
    return _pytensor.loop_like(op, inputs, outputs, info)
