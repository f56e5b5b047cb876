"""A function of sparse matrices is compiled as one of their arrays, which Numba takes much sooner than the matrices."""

import numpy as np
from pytensor.link.basic import JITLinker
from pytensor.sparse.basic import CSM, CSMProperties, csm_properties
from pytensor.sparse.type import SparseTensorType

from ptembed._pytensor import own_copy
from ptembed.theano.compile.drawing import part

__all__ = ["TakenApart", "sparse_inputs"]


def sparse_inputs(fgraph) -> list:
    """The inputs that are sparse matrices, and that nothing writes into."""
    return [x for x in fgraph.inputs if isinstance(x.type, SparseTensorType) and not fgraph.has_destroyers([x])]


class TakenApart:
    """Gives the arrays of its sparse inputs to what Numba makes of the function.

    Parameters
    ----------
    linker : JITLinker
        Without a graph; it is given that of the arrays.
    fgraph : FunctionGraph
    sparse : list of Variable
        From :func:`sparse_inputs`.
    input_storage, output_storage : lists of cells
    """

    need_update_inputs = True

    def __init__(self, linker, fgraph, sparse, input_storage, output_storage):
        graph = own_copy(fgraph)
        known, self.matrices = {}, []
        for x, copy, cell in zip(fgraph.inputs, list(graph.inputs), input_storage, strict=True):
            if x in sparse:
                arrays = _in_arrays(graph, copy)
                self.matrices.append((cell, *arrays.values()))
                known |= arrays
            else:
                known[copy] = cell
        graph, *cells = part(known, dict(zip(graph.outputs, output_storage, strict=True)))
        self.run = JITLinker.make_all(linker.accept(graph), *cells)[0]
        self.allow_gc = linker.allow_gc

    def __call__(self):
        for cell, data, indices, indptr, shape in self.matrices:
            matrix = cell[0]
            data[0] = matrix.data
            indices[0], indptr[0] = np.asarray(matrix.indices, "int32"), np.asarray(matrix.indptr, "int32")
            shape[0] = np.array(matrix.shape, "int32")
        self.run()


def _in_arrays(graph, x) -> dict:
    """Let the graph take ``x`` from four new inputs; gives them, with cells."""
    arrays = [array.type() for array in csm_properties(x)]
    for array in arrays:
        graph.add_input(array)
    for node, _ in list(graph.clients[x]):
        if isinstance(node.op, CSMProperties):
            graph.replace_all(zip(node.outputs, arrays, strict=True), reason="sparse_inputs")
    if graph.clients[x]:
        graph.replace(x, CSM(x.type.format)(*arrays), reason="sparse_inputs")
    return {array: [None] for array in arrays}
