"""A function that draws from random streams, in turns: Numba computes what the draws need, Python draws, and so on."""

import copy

from pytensor.graph.destroyhandler import DestroyHandler
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.traversal import ancestors
from pytensor.link.basic import JITLinker
from pytensor.link.vm import VMLinker

from ptembed._pytensor import own_copy

__all__ = ["DrawnInTurns", "draws_of", "is_state", "part"]


def is_state(x) -> bool:
    """Whether ``x`` is a variable for a ``RandomState``."""
    from ptembed.theano.tensor.random_function import RandomStateType  # here and not above, because it imports this

    return isinstance(x.type, RandomStateType)


def draws_of(fgraph) -> list:
    """The nodes that draw from random states; none where they cannot be told from the rest, or are all there is.

    They can if no other node has a state, as a loop that draws has.
    """
    from ptembed.theano.tensor.random_function import RandomFunction

    draws = [node for node in fgraph.toposort() if isinstance(node.op, RandomFunction)]
    holders = {node for x in filter(is_state, fgraph.variables) for node, _ in fgraph.clients.get(x, ())}
    others = any(node not in draws and node in fgraph.apply_nodes for node in holders)
    return draws if not others and any(x.owner not in draws for x in fgraph.outputs) else []


class DrawnInTurns:
    """Runs, in turns, what is not drawn, then the draws that wait for nothing else.

    What one turn computes and a later one takes is kept between them, but for views, which each turn makes anew: so it
    knows what a node writes into. At the first call the draws give copies of the states, and what is written into is
    put back if it fails, so that a call that Numba refuses can be done again.

    Parameters
    ----------
    linker : JITLinker
        Without a graph; it is given each part that is not drawn.
    fgraph : FunctionGraph
    draws : list of Apply
        From :func:`draws_of`.
    input_storage, output_storage : lists of cells
    """

    need_update_inputs = True

    def __init__(self, linker, fgraph, draws, input_storage, output_storage):
        self.allow_gc, self.first, self.later = linker.allow_gc, [], []
        turns = _turns(fgraph, draws)
        known = dict(zip(fgraph.inputs, input_storage, strict=True))
        self.written = [cell for x, cell in known.items() if not is_state(x) and fgraph.has_destroyers([x])]
        results = dict(zip(fgraph.outputs, output_storage, strict=True))
        kept = _kept(draws, turns) | results
        self.between = [cell for x, cell in kept.items() if x not in results]
        for turn in range(max(turns.values()) + 1):
            for drawn, add in ((False, self._compute), (True, self._draw)):
                new = {x: kept[x] for x in kept if turns.get(x.owner, 0) == turn and (x.owner in draws) == drawn}
                if new:
                    add(linker, known, new)
                known |= new
        self.runs = self._begin

    def __call__(self):
        self.runs()
        for cell in self.between if self.allow_gc else ():
            cell[0] = None

    def _begin(self):
        before = [copy.copy(cell[0]) for cell in self.written]
        try:
            for run in self.first:
                run()
        except BaseException:
            for cell, value in zip(self.written, before, strict=True):
                cell[0] = value
            raise
        self.runs = self._go_on

    def _go_on(self):
        for run in self.later:
            run()

    def _compute(self, linker, known, new):
        graph, *cells = part({x: known[x] for x in known if not _is_view(x)}, new)
        run = JITLinker.make_all(linker.accept(graph), *cells)[0]
        self.first.append(run)
        self.later.append(run)

    def _draw(self, _, known, new):
        graph, *cells = part(known, new)
        for runs, draw in ((self.first, _copying(own_copy(graph))), (self.later, graph)):
            runs.append(VMLinker(use_cloop=False, c_thunks=False).accept(draw).make_all(None, *cells)[0])


def _turns(fgraph, draws) -> dict:
    """The turn of each node: after the draws that it waits for, and with what must come before it in the same turn."""
    turns, before = {}, fgraph.orderings()
    for node in fgraph.toposort():
        earlier = [x.owner for x in node.inputs if x.owner] + list(before.get(node, ()))
        turns[node] = max((turns[other] + (other in draws) for other in earlier), default=0)
    return turns


def _kept(draws, turns) -> dict:
    """Cells for what is drawn, what draws take, and what a later turn takes of an earlier one."""
    kept, uses = {x: [None] for node in draws for x in node.outputs}, list(turns.items())
    while uses:
        node, turn = uses.pop()
        for x in node.inputs:
            if not x.owner or x.owner in draws:
                continue
            if node in draws or (turns[x.owner] < turn and not _is_view(x)):
                kept[x] = [None]
            elif turns[x.owner] < turn:
                uses.append((x.owner, turn))
    return kept


def _is_view(x) -> bool:
    return bool(x.owner and x.owner.op.view_map)


def part(known, new):
    """Give the graph that computes some variables from others, with the cells of its inputs and outputs.

    Parameters
    ----------
    known, new : dict of Variable to cell
        What may be taken, and what is computed; a list of one value each.
    """
    inputs = [x for x in ancestors(new, known) if x in known]
    graph = FunctionGraph(inputs, list(new), clone=True)
    graph.attach_feature(DestroyHandler())
    return graph, [known[x] for x in inputs], list(new.values())


def _copying(graph):
    for node in graph.toposort():
        op = node.op
        if op.destroy_map:  # a draw: nothing else here has one
            copies = type(op)(op.fn, op.outtype, ndim_added=op.ndim_added).make_node(*node.inputs).outputs
            graph.replace_all(zip(node.outputs, copies, strict=True), reason="copying")
    return graph
