"""Graph rewrites in Theano's spelling: what rewrites a whole graph, by itself or by local optimizers.

Read :mod:`ptembed.theano.gof.local_optimizers` for these.
"""

import contextlib

import pytensor.graph.rewriting.basic as basic
from pytensor.graph.basic import Apply
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
from ptembed.theano.gof.local_optimizers import (
    FromFunctionLocalOptimizer,
    LocalOptGroup,
    LocalOptimizer,
    OpRemove,
    OpSub,
    PatternSub,
    at_work_on,
    follow_destruction,
    local_optimizer,
)

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


def _knowing_graph(apply):
    def applied(self, fgraph, *args, **kwargs):
        with at_work_on(fgraph):
            return apply(self, fgraph, *args, **kwargs)

    applied.__doc__ = apply.__doc__
    return applied


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
    return FromFunctionOptimizer(f, (follow_destruction,))


class _Optimizes:
    """Theano's name of ``rewrite``, for PyTensor's rewriters."""

    def optimize(self, fgraph, *args, **kwargs):
        return self.rewrite(fgraph, *args, **kwargs)


class SeqOptimizer(_Optimizes, basic.SequentialGraphRewriter, metaclass=kind_of(basic.SequentialGraphRewriter)):
    """One optimizer after the other."""

    _stands_for = basic.SequentialGraphRewriter


class MergeOptimizer(_Optimizes, basic.MergeOptimizer, metaclass=kind_of(basic.MergeOptimizer)):
    """Makes one of nodes that compute the same."""

    _stands_for = basic.MergeOptimizer


NavigatorOptimizer = basic.NodeProcessingGraphRewriter


class TopoOptimizer(_Optimizes, basic.WalkingGraphRewriter, metaclass=kind_of(basic.WalkingGraphRewriter)):
    """A local optimizer at each node, in topological order or against it."""

    _stands_for = basic.WalkingGraphRewriter

    def __init__(self, local_opt, order="in_to_out", ignore_newtrees=False, failure_callback=None):
        super().__init__(local_opt, order, ignore_newtrees, failure_callback)

    @property
    def local_opt(self):
        return self.node_rewriter


class OpKeyOptimizer(TopoOptimizer):
    """A local optimizer with a method ``op_key`` at the nodes of the Ops that this gives."""

    def __init__(self, local_opt, ignore_newtrees=False, failure_callback=None):
        if not hasattr(local_opt, "op_key"):
            raise TypeError("LocalOptimizer for OpKeyOptimizer must have an 'op_key' method.")
        super().__init__(local_opt, "in_to_out", ignore_newtrees, failure_callback)


class EquilibriumOptimizer(
    _Optimizes, basic.EquilibriumGraphRewriter, metaclass=kind_of(basic.EquilibriumGraphRewriter)
):
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


class _metadict:
    """A part of a compiled graph in a pickle of Theano's: is read, and has no use."""


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
