"""Graph rewrites in Theano's spelling.

A local optimizer of Theano's is ``f(node)``; PyTensor's is ``f(fgraph, node)``. While one runs, :data:`now` knows the
graph, so that ``node.fgraph`` and ``variable.clients`` mean what they did (:mod:`ptembed.legacy.variables`).
"""

import contextlib
import inspect
import sys

import pytensor.graph.rewriting.basic as basic
from pytensor.graph.basic import Apply
from pytensor.graph.destroyhandler import DestroyHandler
from pytensor.graph.rewriting.basic import (
    ChangeTracker,
    MergeFeature,
    check_stack_trace,
    copy_stack_trace,
    merge_dict,
)
from pytensor.graph.utils import InconsistencyError

from ptembed.theano import _gone
from ptembed.theano.gof import graph
from ptembed.theano.gof._protocol import kind_of
from ptembed.theano.gof.graph import is_same_graph_with_merge

__all__ = [
    "ChangeTracker",
    "CheckStackTraceOptimization",
    "CheckStrackTraceFeature",
    "EquilibriumOptimizer",
    "FromFunctionLocalOptimizer",
    "FromFunctionOptimizer",
    "InconsistencyError",
    "LocalOptGroup",
    "LocalOptimizer",
    "MergeFeature",
    "MergeOptimizer",
    "NavigatorOptimizer",
    "OpKeyOptimizer",
    "OpRemove",
    "OpSub",
    "Optimizer",
    "PatternSub",
    "SeqOptimizer",
    "TopoOptimizer",
    "Updater",
    "check_chain",
    "check_stack_trace",
    "copy_stack_trace",
    "in2out",
    "inherit_stack_trace",
    "inplace_optimizer",
    "is_same_graph_with_merge",
    "local_optimizer",
    "merge_dict",
    "optimizer",
    "out2in",
    "pre_constant_merge",
    "pre_greedy_local_optimizer",
]

#: The graphs that local optimizers are at work on, the innermost last.
now: list = []


class Optimizer(basic.GraphRewriter, metaclass=kind_of(basic.GraphRewriter)):
    """The base of what rewrites a whole graph: a subclass defines ``apply(self, fgraph)``."""

    _stands_for = basic.GraphRewriter

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "optimize" in vars(cls):
            cls.rewrite = vars(cls)["optimize"]
        if "apply" in vars(cls):
            cls.apply = _knowing_graph(vars(cls)["apply"])

    def apply(self, fgraph):
        """Rewrite ``fgraph``."""

    def optimize(self, fgraph, *args, **kwargs):
        """Attach what is needed to ``fgraph``, then :meth:`apply`."""
        return basic.GraphRewriter.rewrite(self, fgraph, *args, **kwargs)


class LocalOptimizer(basic.NodeRewriter, metaclass=kind_of(basic.NodeRewriter)):
    """The base of what rewrites one node: a subclass defines ``transform(self, node)``.

    It gives ``False``, the list of variables that replace the outputs, or a dictionary of replacements.
    """

    _stands_for = basic.NodeRewriter

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "transform" in vars(cls):
            cls.transform = _of_node(vars(cls)["transform"])

    def tracks(self):
        return None

    def transform(self, *args, **kwargs):
        raise NotImplementedError(f"{type(self).__name__} must define transform(self, node).")

    def add_requirements(self, fgraph):
        pass

    def print_summary(self, stream=sys.stdout, level=0, depth=-1):
        print(f"{' ' * level}{type(self).__name__} id={id(self)}", file=stream)


def _knowing_graph(apply):
    def applied(self, fgraph, *args, **kwargs):
        now.append(fgraph)
        try:
            return apply(self, fgraph, *args, **kwargs)
        finally:
            now.pop()

    applied.__doc__ = apply.__doc__
    return applied


def _of_node(transform):
    """Let a method ``transform(self, node)`` be called as PyTensor does, with the graph first."""
    names = list(inspect.signature(transform).parameters)
    if len(names) > 1 and names[1] == "fgraph":
        return transform

    def transformed(self, *args, enforce_tracks=True):
        *graphs, node = args
        now.extend(graphs)
        try:
            return transform(self, node)
        finally:
            del now[len(now) - len(graphs) :]

    transformed.__doc__ = transform.__doc__
    return transformed


class FromFunctionOptimizer(Optimizer):
    """The optimizer that a function of the graph is."""

    def __init__(self, fn, requirements=()):
        self.fn, self.requirements = fn, requirements
        self.__name__ = fn.__name__

    def apply(self, fgraph, *args, **kwargs):
        return self.fn(fgraph, *args, **kwargs)

    def add_requirements(self, fgraph):
        for requirement in self.requirements:
            requirement(fgraph)

    def __str__(self):
        return self.__name__


def optimizer(f) -> FromFunctionOptimizer:
    """Decorate ``f(fgraph)``, which becomes an optimizer."""
    return FromFunctionOptimizer(f)


def inplace_optimizer(f) -> FromFunctionOptimizer:
    """Decorate ``f(fgraph)``, which becomes an optimizer that makes nodes work in place."""
    return FromFunctionOptimizer(f, (_follow_destruction,))


def _follow_destruction(fgraph):
    fgraph.attach_feature(DestroyHandler())


class FromFunctionLocalOptimizer(basic.FromFunctionNodeRewriter):
    """The local optimizer that a function of a node is."""

    def __init__(self, fn, tracks=None, requirements=()):
        if tracks is not None and None in tracks:
            tracks = None
        super().__init__(fn, tracks, requirements)
        self.__name__ = fn.__name__

    def transform(self, *args, enforce_tracks=False):
        *graphs, node = args
        now.extend(graphs)
        try:
            return self.fn(node)
        finally:
            del now[len(now) - len(graphs) :]


def local_optimizer(tracks, inplace: bool = False, requirements=()):
    """Decorate ``f(node)``, which becomes a local optimizer.

    Parameters
    ----------
    tracks : list or None
        Ops and classes of Ops whose nodes ``f`` is called with; ``None``, or a list with ``None``, is all.
    inplace : bool
        Whether ``f`` makes nodes work in place.
    requirements : tuple of callable
        Are called with the graph first.

    Raises
    ------
    ValueError
        If ``tracks`` is empty.
    TypeError
        If something in ``tracks`` is no Op.
    """
    if tracks is not None:
        if len(tracks) == 0:
            raise ValueError("Use None instead of an empty list to make an optimizer apply to all nodes.")
        for t in tracks:
            if not (t is None or isinstance(t, basic.Op) or (isinstance(t, type) and issubclass(t, basic.Op))):
                raise TypeError(f"tracks must be a list of Ops, or classes of Ops, got {t} in it.")

    def decorate(f):
        needs = (*requirements, _follow_destruction) if inplace else tuple(requirements)
        return FromFunctionLocalOptimizer(f, tracks, needs)

    return decorate


class SeqOptimizer(basic.SequentialGraphRewriter, metaclass=kind_of(basic.SequentialGraphRewriter)):
    """One optimizer after the other."""

    _stands_for = basic.SequentialGraphRewriter

    def optimize(self, fgraph, *args, **kwargs):
        return self.rewrite(fgraph, *args, **kwargs)


class MergeOptimizer(basic.MergeOptimizer, metaclass=kind_of(basic.MergeOptimizer)):
    """Makes one of nodes that compute the same."""

    _stands_for = basic.MergeOptimizer

    def optimize(self, fgraph, *args, **kwargs):
        return self.rewrite(fgraph, *args, **kwargs)


class LocalOptGroup(basic.SequentialNodeRewriter, metaclass=kind_of(basic.SequentialNodeRewriter)):
    """The first of several local optimizers that does something, or, with ``apply_all_opts``, all."""

    _stands_for = basic.SequentialNodeRewriter

    def __init__(self, *optimizers, apply_all_opts=False, profile=False):
        super().__init__(*optimizers, apply_all_rewrites=apply_all_opts, profile=profile)

    @property
    def opts(self):
        return self.rewrites


NavigatorOptimizer = basic.NodeProcessingGraphRewriter


class TopoOptimizer(basic.WalkingGraphRewriter, metaclass=kind_of(basic.WalkingGraphRewriter)):
    """A local optimizer at each node, in topological order or against it."""

    _stands_for = basic.WalkingGraphRewriter

    def __init__(self, local_opt, order="in_to_out", ignore_newtrees=False, failure_callback=None):
        super().__init__(local_opt, order, ignore_newtrees, failure_callback)

    @property
    def local_opt(self):
        return self.node_rewriter

    def optimize(self, fgraph, *args, **kwargs):
        return self.rewrite(fgraph, *args, **kwargs)


class OpKeyOptimizer(TopoOptimizer):
    """A local optimizer with a method ``op_key`` at the nodes of the Ops that this gives."""

    def __init__(self, local_opt, ignore_newtrees=False, failure_callback=None):
        if not hasattr(local_opt, "op_key"):
            raise TypeError("LocalOptimizer for OpKeyOptimizer must have an 'op_key' method.")
        super().__init__(local_opt, "in_to_out", ignore_newtrees, failure_callback)


class EquilibriumOptimizer(basic.EquilibriumGraphRewriter, metaclass=kind_of(basic.EquilibriumGraphRewriter)):
    """Optimizers, local or not, until none of them does anything."""

    _stands_for = basic.EquilibriumGraphRewriter

    def __init__(
        self,
        optimizers,
        failure_callback=None,
        ignore_newtrees=True,
        tracks_on_change_inputs=False,
        max_use_ratio=None,
        final_optimizers=None,
        cleanup_optimizers=None,
    ):
        super().__init__(
            optimizers,
            failure_callback,
            ignore_newtrees,
            tracks_on_change_inputs,
            max_use_ratio,
            final_optimizers,
            cleanup_optimizers,
        )

    def optimize(self, fgraph, *args, **kwargs):
        return self.rewrite(fgraph, *args, **kwargs)


class OpSub(basic.SubstitutionNodeRewriter):
    """Puts the Op ``op2`` in the place of ``op1``.

    Parameters
    ----------
    op1, op2 : Op
        Both take the same inputs.
    transfer_tags : bool
        Whether the tags of the old node go to the new one.
    """

    retain_names = True

    def op_key(self):
        return self.op1


class OpRemove(LocalOptimizer):
    """Puts the inputs of the Op ``op`` in the place of its outputs, of which there are as many."""

    reentrant = False

    def __init__(self, op):
        self.op = op

    def op_key(self):
        return self.op

    def tracks(self):
        return [self.op]

    def transform(self, node):
        return list(node.inputs) if node.op == self.op else False

    def __str__(self):
        return f"{self.op}(x) -> x"


class PatternSub(basic.PatternNodeRewriter):
    """Puts the expression ``out_pattern`` in the place of each ``in_pattern``.

    Parameters
    ----------
    in_pattern, out_pattern : tuple, dict or str
        ``(op, 'x', (op, 'y', 1))``: a name stands for any expression, the same name for the same one. The dictionary
        ``{'pattern': p, 'constraint': f}`` stands for those expressions of the pattern ``p`` for which ``f`` is true.
    allow_multiple_clients : bool
        Whether an inner part of the pattern may be used elsewhere, too.
    skip_identities_fn, pdb
        Without effect.
    name : str, optional
    tracks, get_nodes, values_eq_approx
        As PyTensor's ``PatternNodeRewriter`` has them.
    """

    def __init__(
        self,
        in_pattern,
        out_pattern,
        allow_multiple_clients=False,
        skip_identities_fn=None,
        name=None,
        pdb=False,
        tracks=(),
        get_nodes=None,
        values_eq_approx=None,
    ):
        super().__init__(
            in_pattern,
            out_pattern,
            allow_multiple_clients=allow_multiple_clients,
            name=name,
            tracks=tracks,
            get_nodes=_of_a_node(get_nodes),
            values_eq_approx=values_eq_approx,
        )

    def op_key(self):
        return self.op


def _of_a_node(get_nodes):
    return None if get_nodes is None else lambda fgraph, node: get_nodes(node)


Updater = basic.DispatchingFeature
CheckStackTraceOptimization = basic.CheckStackTraceRewriter
CheckStrackTraceFeature = basic.CheckStackTraceFeature


def out2in(*local_opts, **kwargs) -> TopoOptimizer:
    """Apply local optimizers from the outputs to the inputs; ``name`` names what is made."""
    return _walking("out_to_in", local_opts, **kwargs)


def in2out(*local_opts, **kwargs) -> TopoOptimizer:
    """Apply local optimizers from the inputs to the outputs; ``name`` names what is made."""
    return _walking("in_to_out", local_opts, **kwargs)


def _walking(order, local_opts, **kwargs):
    name = kwargs.pop("name", None)
    local_opt = LocalOptGroup(*local_opts) if len(local_opts) > 1 else local_opts[0]
    kwargs.setdefault("failure_callback", TopoOptimizer.warn_inplace)
    made = TopoOptimizer(local_opt, order=order, **kwargs)
    made.__name__ = name or getattr(local_opts[0], "__name__", type(local_opts[0]).__name__)
    return made


def pre_greedy_local_optimizer(list_optimizations, out):
    """Apply local optimizers to the graph of the variable ``out``, inputs first, and give the new ``out``."""
    from pytensor.graph.fg import FunctionGraph

    fgraph = FunctionGraph(outputs=[out], clone=False) if out.owner is not None else None
    return out if fgraph is None else basic.pre_greedy_node_rewriter(fgraph, list_optimizations, out)


def pre_constant_merge(vars):
    """Make one of equal constants in the graphs of ``vars``."""
    return basic.pre_constant_merge(_Empty, vars)


class _Empty:
    variables: tuple = ()


@contextlib.contextmanager
def inherit_stack_trace(from_var):
    """A context manager: nodes made in it get the trace of ``from_var``."""
    with graph.nodes_constructed() as made:
        yield
    copy_stack_trace(from_var, made)


def check_chain(r, *chain) -> bool:
    """Whether the variable or node ``r`` is made by the first Op of ``chain``, from what the second made, and so on.

    Parameters
    ----------
    *chain : Op, class of Ops or callable
        A callable is asked with the Op.
    """
    if isinstance(r, Apply):
        r = r.outputs[0]
    chain = [part for link in chain for part in (link if isinstance(link, list | tuple) else [link])]
    for link in chain:
        if r is None or r.owner is None or not _is_link(r.owner.op, link):
            return False
        r = r.owner.inputs[0] if r.owner.inputs else None
    return True


def _is_link(op, link):
    if link is None:
        return True
    if isinstance(link, type):
        return isinstance(op, link)
    return op == link or (callable(link) and not isinstance(link, basic.Op) and bool(link(op)))


_METHOD = ("PyTensor tries no alternatives by timing them", "a local_optimizer for each")
__getattr__ = _gone.getattr_of(
    __name__,
    {
        "GraphToGPULocalOptGroup": ("PyTensor's programs run on the CPU", "LocalOptGroup"),
        "LocalMetaOptimizer": _METHOD,
        "LocalMetaOptimizerSkipAssertionError": _METHOD,
    },
)
