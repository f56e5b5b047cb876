r"""One exact gradient step of a factored output layer, in place: the equations of :mod:`ptembed.graphs.factored_step`.

There they stand as symbols; here as one Op, with which the arrays of size m d and d d are passed over fewer times, and
which goes on where the symbols must stop (:mod:`ptembed.ops.factored_inverse`). It has three kernels, each of which
gives what :func:`settle` then writes into V and the log: for many examples (:mod:`ptembed.ops.factored_minibatch`), for
a single one, :math:`m = 1` (:mod:`ptembed.ops.factored_single`), and with momentum
(:mod:`ptembed.ops.factored_momentum`). Which it is, the number of examples says when it is called.

Read next: :mod:`ptembed.ops.factored_minibatch`.
"""

import numpy as np
import pytensor.tensor as pt
from numba import njit
from numba.extending import register_jitable
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from ptembed import _pytensor
from ptembed.ops import (
    factored_apart,
    factored_balance,
    factored_blas,
    factored_inverse,
    factored_log,
    factored_minibatch,
    factored_momentum,
    factored_single,
)
from ptembed.ops.factored_balance import balance, move_all
from ptembed.ops.factored_blas import as_type, product
from ptembed.ops.factored_inverse import DEFLATED, MOVED
from ptembed.ops.factored_log import BY_DEFLATION, NOW, append
from ptembed.ops.factored_minibatch import step
from ptembed.ops.factored_momentum import MOVED_AFTER, momentum, move_both
from ptembed.ops.factored_single import NOT_FINITE, REFUSED, single

__all__ = ["NOT_FINITE", "FactoredStep", "factored_step", "settle"]

FACTORS, LOG = 7, 7  # how many arrays
NUMBERS = 10  # arrays of the examples before the scalars
MODULES = (
    factored_balance,
    factored_blas,
    factored_inverse,
    factored_log,
    factored_minibatch,
    factored_momentum,
    factored_single,
)


class FactoredStep(Op):
    """One step of training; see :func:`factored_step`."""

    __props__ = ("inplace", "momentum")

    def __init__(self, inplace=False, momentum=False):
        self.inplace, self.momentum = inplace, momentum
        if inplace:
            self.destroy_map = {1 + i: [i] for i in range(FACTORS + LOG)}

    @staticmethod
    def changed(node):
        """Give the inputs that the step changes."""
        return node.inputs[: FACTORS + LOG]

    def make_node(self, *inputs):
        state, H = inputs[: FACTORS + LOG], inputs[FACTORS + LOG + 3]
        return Apply(self, list(inputs), [H.type(), *[x.type() for x in state]])

    def perform(self, node, inputs, output_storage):
        state = [x if self.inplace else x.copy() for x in inputs[: FACTORS + LOG]]
        results = _whole_step(self.momentum, state, *inputs[FACTORS + LOG :]), *state
        for storage, x in zip(output_storage, results, strict=True):
            storage[0] = x

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[FACTORS + LOG + 3], *shapes[: FACTORS + LOG]]


def factored_step(factors, log, *examples):
    r"""Train the factors by one step.

    Parameters
    ----------
    factors : sequence of seven tensors
        ``V`` (D, d), its ``stamps`` (D,), ``UT``, ``Uinv``, ``Q`` (d, d), ``omega``, ``w_bar`` (d,).
    log : sequence of seven tensors
        As in :mod:`ptembed.ops.factored_log`.
    *examples : tensors
        ``ids`` (k,), the distinct rows of the targets; ``where`` (m, K), the place of each target among them; ``part``
        (k, d), these rows, brought forward; ``H`` (m, d); ``HQ``, ``HU`` (m, d), its products with ``Q`` and ``UT``;
        ``s`` (m,); the gradients of the cost by the outputs, ``gA`` (m, K), ``gq``, ``gs`` (m,); and the scalars
        :math:`\eta`, :math:`\delta` and, for a layer of twice the width, the momentum :math:`\mu`.

    Returns
    -------
    list of tensors
        The gradient of the cost by H, shape (m, d), and the new state, in the memory of the old one.

    Raises
    ------
    FloatingPointError
        When called, if ``H`` or the gradient is not finite; nothing is written.
    """
    return FactoredStep(momentum=len(examples) > 12)(*factors, *log, *examples, return_list=True)


def _whole_step(with_momentum, state, ids, *examples):
    V, stamps, UT, Uinv, Q, omega, w_bar, *log = state
    given = V, UT, Uinv, Q, omega, w_bar, *examples
    take = momentum if with_momentum else single if len(examples[2]) == 1 else step
    out = take(*given)
    GW, *rest = step(*given) if out[-1][0] == REFUSED else out
    settle(V, stamps, UT, Uinv, *log, ids, *rest, examples[NUMBERS - 1])
    return GW


def settle(V, stamps, UT, Uinv, Z, M, sizes, S, X, count, closed, ids, part, change, z, y, notes, eta):
    """Write the rows of V that a step has changed, and keep the factors well-conditioned."""
    log, rows, by, eta = (Z, M, sizes, S, X, count, closed), part, np.empty((len(part), len(z)), part.dtype), eta.item()
    if notes[0] == MOVED:
        rows = np.empty_like(part)
        product(part, True, as_type(UT, part), True, rows, False)
        move_all(UT, Uinv, log)
    elif notes[0] == DEFLATED:
        rows = part.copy()
        product(part, True, z, True, by, False)
        product(by, True, y, False, rows, True)
        append(z, y, log)
        count[BY_DEFLATION] += 1
    for i in range(len(ids)):
        row = ids[i]
        for c in range(V.shape[1]):
            V[row, c] = rows[i, c] - eta * change[i, c]
        stamps[row] = count[NOW]
    if notes[0] == MOVED_AFTER:
        move_both(UT, Uinv, log, notes[1])
        notes[1] = 0
    balance(UT, Uinv, V, stamps, log, notes[1])


@_pytensor.numba_kernel(FactoredStep, *MODULES)
def factored_step_kernel(op, node):
    inplace, with_momentum, contiguous = op.inplace, op.momentum, np.ascontiguousarray
    V, stamps, UT, Uinv, Q, omega, w_bar, *log = node.inputs[:14]
    ids, _, part, *_ = examples = node.inputs[14:]
    small = factored_apart.array_types([V, UT, Uinv, Q, omega, w_bar, *examples[1:]])
    take = factored_apart.apart(momentum if with_momentum else step, small, *MODULES)
    take_single = take if with_momentum else factored_apart.apart(single, small, *MODULES)
    notes, eta = pt.dvector(), examples[NUMBERS]
    large = [V, stamps, UT, Uinv, *log, ids, part, part, part, part, notes, eta]
    finish = factored_apart.apart(settle, factored_apart.array_types(large), *MODULES)

    @njit
    def factored_step(*arrays):
        state, scalars = arrays[:14], arrays[24:]
        if not inplace:
            state = _copied(state)
        V, stamps, UT, Uinv, Q, omega, w_bar, Z, M, sizes, S, X, count, closed = state
        where, part, H, HQ, HU, s, gA, gq, gs = arrays[15:24]
        matrices = contiguous(where), contiguous(part), contiguous(H), contiguous(HQ), contiguous(HU)
        vectors = contiguous(s), contiguous(gA), contiguous(gq), contiguous(gs)
        given = (V, UT, Uinv, Q, omega, w_bar, *matrices, *vectors, *scalars)
        if len(H) == 1:
            out = take_single(given)
        if len(H) != 1 or out[5][0] == REFUSED:
            out = take(given)
        GW, part, change, z, y, notes = out
        log, ids = (Z, M, sizes, S, X, count, closed), contiguous(arrays[14])
        finish((V, stamps, UT, Uinv, *log, ids, part, change, z, y, notes, scalars[0]))
        return (GW, *state)

    return factored_step


@register_jitable
def _copied(x):
    factors = x[0].copy(), x[1].copy(), x[2].copy(), x[3].copy(), x[4].copy(), x[5].copy(), x[6].copy()
    return (*factors, x[7].copy(), x[8].copy(), x[9].copy(), x[10].copy(), x[11].copy(), x[12].copy(), x[13].copy())
