"""Training functions that take a block of steps.

One call from Python costs some microseconds, as much as a step of three rows. So the function takes the inputs of
many steps at once, stacked along a leading axis, and runs them in order inside one compiled call, each step on what
the step before has written. A step is any graph with any updates: a minibatch, or a single triple (then training is
strictly online).

Read next: :mod:`ptembed.train.samplers`, :mod:`ptembed.ops.steps`.
"""

from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.replace import clone_replace
from pytensor.graph.traversal import graph_inputs
from pytensor.tensor import TensorVariable

from ptembed import rewrites  # noqa: F401  registers them
from ptembed.ops.steps import Steps
from ptembed.train import row_numbers

__all__ = ["Block", "block"]


def block(inputs: Any, outputs: Any, updates: Any, givens: Any = None, *, fixed: Any = (), mode: Any = None) -> "Block":
    r"""Compile a training function that takes a block of steps.

    Parameters
    ----------
    inputs : list of tensors
        Inputs of one step: a vector of ids for a minibatch, a scalar for a single row, and so on.
    outputs : tensor or list of tensors
        What to return of each step, such as its loss.
    updates : dict or list of pairs
        Shared variables and their values after one step, as for ``pytensor.function``; what the optimizers of
        :mod:`ptembed.graphs` give.
    givens : dict or list of pairs, optional
        Substitutions in the graph, as for ``pytensor.function``.
    fixed : list of tensors
        Inputs that hold for all steps of a call, such as a learning rate; given after the others, not stacked.
    mode : str or Mode, optional
        Under Numba (the default of PyTensor) the block is one compiled call; other linkers call one step after another.

    Returns
    -------
    Block

    Raises
    ------
    TypeError
        When an input is no tensor, or an update does not fit the type of its variable.
    ValueError
        When there is no input, or an input of the graph is missing.

    Notes
    -----
    The state is changed in place: a block costs what its steps cost, and no memory beyond a step's own.

    Row numbers are checked before the first step where they can be told from the inputs (see
    :mod:`ptembed.train.row_numbers`). Any other error inside of a step, such as a shape that does not fit, leaves the
    steps before it written; in a mode that does not write in place, such as FAST_COMPILE, it leaves nothing written.

    Examples
    --------
    >>> import numpy as np, pytensor, pytensor.tensor as pt
    >>> W = pytensor.shared(np.ones((4, 2)), name="W")
    >>> i = pt.lscalar("i")
    >>> loss = (W[i] ** 2).sum()
    >>> halve = block([i], loss, {W: pt.set_subtensor(W[i], W[i] / 2)})
    >>> halve([0, 0, 3])
    array([2. , 0.5, 2. ])
    >>> W.get_value()
    array([[0.25, 0.25],
           [1.  , 1.  ],
           [1.  , 1.  ],
           [0.5 , 0.5 ]])
    """
    return Block(inputs, outputs, updates, givens, fixed=fixed, mode=mode)


class Block:
    """A compiled block of steps; see :func:`block`.

    Attributes
    ----------
    function : pytensor function
        Takes the stacked inputs without the checks of a call.
    """

    def __init__(
        self, inputs: Any, outputs: Any, updates: Any, givens: Any = None, *, fixed: Any = (), mode: Any = None
    ) -> None:
        self.inputs, self.fixed = _tensors(inputs, "inputs"), _tensors(fixed, "fixed")
        if not self.inputs:
            raise ValueError("a step must have an input, whose leading axis counts the steps of a call, got none")
        self.single = isinstance(outputs, TensorVariable)
        outputs = [outputs] if self.single else list(outputs or [])
        updates = {var: var.type.filter_variable(new, allow_convert=True) for var, new in dict(updates).items()}
        outputs, updates = _substituted(outputs, updates, dict(givens or {}))
        updates = _with_defaults(outputs, updates)
        self._compile(outputs, updates, mode)

    def _compile(self, outputs, updates, mode):
        state, results = list(updates), [*outputs, *updates.values()]
        others = [v for v in graph_inputs(results) if isinstance(v, SharedVariable) and v not in updates]
        self._refuse_missing(results)
        self.row_numbers = row_numbers.find(self.inputs, results, {*state, *others})
        reads = [(f.place, state.index(f.matrix)) for f in self.row_numbers if f.matrix in updates and not f.cut]
        inner = {v: v.type(name=v.name) for v in [*state, *others]}
        results = clone_replace(results, replace=inner)
        inside = [inner[v] for v in state], [*self.fixed, *(inner[v] for v in others)]
        steps = Steps(self.inputs, *inside, results[: len(outputs)], results[len(outputs) :], reads, mode)
        stacks = [pt.tensor(v.name, dtype=v.type.dtype, shape=(None, *v.type.shape)) for v in self.inputs]
        made = steps(*stacks, *state, *self.fixed, *others, return_list=True)
        self.function = pytensor.function(
            [*stacks, *self.fixed],
            made[: len(outputs)],
            updates=list(zip(state, made[len(outputs) :], strict=True)),
            mode=mode,
            accept_inplace=True,
            on_unused_input="ignore",
        )
        self.function.trust_input = True

    def _refuse_missing(self, results):
        known = {*self.inputs, *self.fixed}
        for var in graph_inputs(results):
            if var not in known and not isinstance(var, SharedVariable) and not hasattr(var, "data"):
                raise ValueError(f"each input of the graph must be given, got no {var}: add it to inputs or to fixed")

    def __call__(self, *values: Any) -> Any:
        """Run a block.

        Parameters
        ----------
        *values : arrays
            For each input of a step an array of one more leading axis, as long for all: the steps. Then what is fixed.

        Returns
        -------
        array, or list of arrays
            The outputs of each step, stacked along the leading axis. A block of no steps does nothing.

        Raises
        ------
        TypeError
            When the number of arguments or a dtype does not fit.
        ValueError
            When a rank does not fit, or the inputs differ in how many steps they have.
        IndexError
            When a row number is out of range: it names the number and its step, and nothing was changed.
        """
        variables = [*self.inputs, *self.fixed]
        if len(values) != len(variables):
            raise TypeError(f"a call must give {len(variables)} arrays, got {len(values)}: {_names(variables)}")
        extra = [1] * len(self.inputs) + [0] * len(self.fixed)
        arrays = [_array(value, var, more) for value, var, more in zip(values, variables, extra, strict=True)]
        lengths = [len(a) for a in arrays[: len(self.inputs)]]
        if len(set(lengths)) > 1:
            raise ValueError(f"all inputs must have as many steps, got {lengths} for {_names(self.inputs)}")
        row_numbers.check(self.row_numbers, arrays, [_name(v, k) for k, v in enumerate(variables)])
        results = self.function(*arrays)
        return results[0] if self.single else results


def _tensors(variables, what):
    for var in variables:
        if not isinstance(var, TensorVariable) or isinstance(var, SharedVariable) or var.owner is not None:
            raise TypeError(f"{what} must be a list of input tensors, got {var!r}: make them with pytensor.tensor")
    return list(variables)


def _substituted(outputs, updates, givens):
    if not givens:
        return outputs, updates
    new = clone_replace([*outputs, *updates.values()], replace=givens)
    return new[: len(outputs)], dict(zip(updates, new[len(outputs) :], strict=True))


def _with_defaults(outputs, updates):
    """Add the updates that shared variables such as random generators carry along."""
    while True:
        shared = [v for v in graph_inputs([*outputs, *updates.values()]) if isinstance(v, SharedVariable)]
        more = {v: v.default_update for v in shared if v not in updates and v.default_update is not None}
        if not more:
            return updates
        updates = updates | more


def _array(value, var, more):
    array = np.asarray(value)
    dtype, ndim = var.type.dtype, var.type.ndim + more
    if array.dtype != dtype:
        fits = np.can_cast(array.dtype, dtype, "safe") or array.size == 0 or _is_python_number(value, array, dtype)
        if not fits:
            raise TypeError(f"{var} must hold {dtype}, got {array.dtype}: convert it with .astype('{dtype}')")
    if array.ndim != ndim:
        steps = ", the leading axis being the steps" if more else ""
        raise ValueError(f"{var} must be an array of rank {ndim}{steps}, got rank {array.ndim}")
    return np.asarray(array, dtype, order="C")  # ascontiguousarray would give a scalar an axis


def _is_python_number(value, array, dtype):
    """Tell whether plain Python numbers of the right kind were given, as NumPy takes them: without a dtype."""
    return not isinstance(value, np.ndarray | np.generic) and np.can_cast(array.dtype, dtype, "same_kind")


def _name(var, k):
    return var.name or str(k)


def _names(variables):
    return ", ".join(_name(v, k) for k, v in enumerate(variables))
