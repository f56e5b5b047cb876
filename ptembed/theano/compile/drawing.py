"""A function that draws from random streams, in two parts: Python draws the numbers, Numba does the rest."""

from pytensor.graph.destroyhandler import DestroyHandler
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.traversal import applys_between
from pytensor.link.basic import JITLinker
from pytensor.link.vm import VMLinker

__all__ = ["DrawnFirst", "draws_of", "is_state"]


def is_state(x) -> bool:
    """Whether ``x`` is a variable for a ``RandomState``."""
    from ptembed.theano.tensor.random_function import RandomStateType  # here and not above, because it imports this

    return isinstance(x.type, RandomStateType)


def draws_of(fgraph) -> list:
    """The nodes that draw from random states; none where they are not cheap to tell from the rest.

    They can be drawn first if no other node has a state, as a loop that draws has, if nothing but scalars and vectors,
    such as shapes, is computed for them, and if there is more to do.
    """
    from ptembed.theano.tensor.random_function import RandomFunction

    holders = {node for x in filter(is_state, fgraph.variables) for node, _ in fgraph.clients.get(x, ())}
    draws = [node for node in fgraph.toposort() if isinstance(node.op, RandomFunction)]
    before = [n for n in applys_between(fgraph.inputs, [x for n in draws for x in n.inputs]) if n not in draws]
    others = [node for node in holders if node not in draws and node in fgraph.apply_nodes]
    cheap = all(not n.op.destroy_map and all(getattr(x.type, "ndim", 2) < 2 for x in n.outputs) for n in before)
    more = any(x.owner not in draws for x in fgraph.outputs)
    return draws if cheap and more and not others else []


class DrawnFirst:
    """Runs the draws of a function, then the rest of it.

    The draws leave the states alone and give copies, so that a call that Numba refuses can be done again.

    Parameters
    ----------
    linker : JITLinker
        Without a graph; it is given the rest.
    fgraph : FunctionGraph
    draws : list of Apply
        From :func:`draws_of`.
    input_storage, output_storage : lists of cells
    """

    need_update_inputs = True

    def __init__(self, linker, fgraph, draws, input_storage, output_storage):
        cells = dict(zip(fgraph.inputs, input_storage, strict=True))
        results = dict(zip(fgraph.outputs, output_storage, strict=True))
        drawn = {x: results.get(x, [None]) for node in draws for x in node.outputs}
        self.draw = VMLinker(use_cloop=False, c_thunks=False).accept(_copying(_part(cells, drawn)))
        self.draw = self.draw.make_all(None, list(cells.values()), list(drawn.values()))[0]
        known = {x: cell for x, cell in (cells | drawn).items() if not is_state(x)}
        rest = {x: cell for x, cell in results.items() if x not in drawn}
        self.rest = JITLinker.make_all(linker.accept(_part(known, rest)), list(known.values()), list(rest.values()))[0]
        self.allow_gc = self.rest.allow_gc

    def __call__(self):
        self.draw()
        self.rest()


def _part(inputs, outputs) -> FunctionGraph:
    part = FunctionGraph(list(inputs), list(outputs), clone=True)
    part.attach_feature(DestroyHandler())
    return part


def _copying(graph):
    for node in graph.toposort():
        op = node.op
        if op.destroy_map:  # a draw: nothing else here has one
            copies = type(op)(op.fn, op.outtype, ndim_added=op.ndim_added).make_node(*node.inputs).outputs
            graph.replace_all(zip(node.outputs, copies, strict=True), reason="copying")
    return graph
