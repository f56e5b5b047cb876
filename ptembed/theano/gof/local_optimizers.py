"""Local optimizers: what rewrites one node, in Theano's spelling.

A local optimizer of Theano's is ``f(node)``; PyTensor's is ``f(fgraph, node)``. While one runs, :data:`now` knows the
graph, so that ``node.fgraph`` and ``variable.clients`` mean what they did (:mod:`ptembed.legacy.nodes`). Programs find
all this in :mod:`ptembed.theano.gof.opt`, with what applies it to a graph.
"""

import contextlib
import inspect
import sys

import pytensor.graph.rewriting.basic as basic
from pytensor.graph.destroyhandler import DestroyHandler

from ptembed.theano.gof._protocol import kind_of

__all__ = [
    "FromFunctionLocalOptimizer",
    "LocalOptGroup",
    "LocalOptimizer",
    "OpRemove",
    "OpSub",
    "PatternSub",
    "at_work_on",
    "follow_destruction",
    "local_optimizer",
    "now",
]

#: The graphs that optimizers are at work on, the innermost last.
now: list = []


@contextlib.contextmanager
def at_work_on(*graphs):
    """A context manager: these graphs, none or one, are in :data:`now`."""
    now.extend(graphs)
    try:
        yield
    finally:
        del now[len(now) - len(graphs) :]


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


def _of_node(transform):
    """Let a method ``transform(self, node)`` be called as PyTensor does, with the graph first."""
    names = list(inspect.signature(transform).parameters)
    if len(names) > 1 and names[1] == "fgraph":
        return transform

    def transformed(self, *args, enforce_tracks=True):
        *graphs, node = args
        with at_work_on(*graphs):
            return transform(self, node)

    transformed.__doc__ = transform.__doc__
    return transformed


class FromFunctionLocalOptimizer(basic.FromFunctionNodeRewriter):
    """The local optimizer that a function of a node is."""

    def __init__(self, fn, tracks=None, requirements=()):
        if tracks is not None and None in tracks:
            tracks = None
        super().__init__(fn, tracks, requirements)
        self.__name__ = fn.__name__

    def transform(self, *args, enforce_tracks=False):
        *graphs, node = args
        with at_work_on(*graphs):
            return self.fn(node)


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
        needs = (*requirements, follow_destruction) if inplace else tuple(requirements)
        return FromFunctionLocalOptimizer(f, tracks, needs)

    return decorate


def follow_destruction(fgraph):
    """Let ``fgraph`` see to it that nothing is read after it is overwritten."""
    fgraph.attach_feature(DestroyHandler())


class LocalOptGroup(basic.SequentialNodeRewriter, metaclass=kind_of(basic.SequentialNodeRewriter)):
    """The first of several local optimizers that does something, or, with ``apply_all_opts``, all."""

    _stands_for = basic.SequentialNodeRewriter

    def __init__(self, *optimizers, apply_all_opts=False, profile=False):
        super().__init__(*optimizers, apply_all_rewrites=apply_all_opts, profile=profile)

    @property
    def opts(self):
        return self.rewrites


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
