"""The shortest way from Python into a compiled step.

A call of a PyTensor function costs 3 to 4 us beside its work: it stores its inputs, runs, stores the new value of each
shared variable, and empties the cells again. A step of three rows takes less than that. :func:`trusted` calls the same
compiled code without all this. Many steps in one call (:mod:`ptembed.train.block`) cost less still.
"""

from typing import Any

from ptembed._pytensor import ROW_WRITES

__all__ = ["trusted"]


def trusted(function: Any) -> Any:
    """Give a plain Python function that runs the compiled code of ``function`` as it is.

    Parameters
    ----------
    function : PyTensor function
        Compiled by Numba (PyTensor's default). It stays as it is and has the same shared variables.

    Returns
    -------
    callable
        Takes the inputs of ``function``, by position, as arrays of exactly the type that was declared (dtype, rank);
        gives what ``function`` gives. Nothing is checked or converted: another dtype compiles the code anew.

    Raises
    ------
    TypeError
        When ``function`` was not compiled by Numba, or has an input with a default value.

    Notes
    -----
    New values that are written in place, as those of all row-wise optimizers, are not handed through Python at all. An
    error inside of the step is raised as it is, without PyTensor's account of the node.

    Examples
    --------
    >>> import numpy as np, pytensor, pytensor.tensor as pt
    >>> from ptembed import graphs
    >>> W = pytensor.shared(np.ones((4, 2)), name="W")
    >>> ids = pt.lvector("ids")
    >>> read = graphs.rows(W, ids)
    >>> loss = (read.values ** 2).sum()
    >>> step = trusted(pytensor.function([ids], loss, updates=graphs.sgd(loss, read, 0.25)))
    >>> step(np.array([0, 3])), step(np.array([0, 1]))
    (array(4.), array(2.5))
    """
    compiled = getattr(function.vm, "jit_fn", None)
    if not hasattr(compiled, "py_func"):
        raise TypeError(
            f"trusted needs a function compiled by Numba, got {function.maker.linker}: compile it with mode='NUMBA'"
        )
    graph, cells = function.maker.fgraph, function.input_storage
    if any(spec.value is not None and not spec.implicit for spec in function.maker.inputs):
        raise TypeError("trusted needs a function whose inputs are all given in a call, got one with a default value")
    returned = len(graph.outputs) - len(graph.update_mapping)
    stored = [(out, cells[place].storage) for out, place in graph.update_mapping.items()]
    stored = [] if all(_in_place(graph, *pair) for pair in graph.update_mapping.items()) else stored
    run = _first(compiled, returned) if not stored else compiled
    state = [cell.storage for cell in cells if not cell.required]
    single, nothing = function.unpack_single, function.return_none

    def step(*inputs):
        results = run(*inputs, *[cell[0] for cell in state])
        for place, cell in stored:
            cell[0] = results[place]
        return results[0] if single else None if nothing else list(results[:returned])

    return step


def _first(compiled, n):
    """Compile the function that gives but the first ``n`` results of ``compiled``."""
    from numba import njit

    @njit
    def first(*inputs):
        return compiled(*inputs)[:n]

    return first


def _in_place(graph, out, place):
    """Whether an output is the very array of an input, written by Ops whose kernels are known to do so."""
    var = graph.outputs[out]
    while var.owner is not None and _writes_in_place(var.owner):
        overwritten = var.owner.op.destroy_map.get(var.owner.outputs.index(var))
        if overwritten is None:
            return False
        var = var.owner.inputs[overwritten[0]]
    return var is graph.inputs[place]


def _writes_in_place(node):
    return isinstance(node.op, ROW_WRITES) or type(node.op).__module__.startswith("ptembed.")
