r"""Connectionist temporal classification: the cost of labels without their times.

A sequence of :math:`T` activations over an alphabet, whose letter 0 is a blank, is read by a path, one letter a time;
without its repeats and then without its blanks the path spells a word. The cost of a word :math:`l` of length
:math:`L` is :math:`-\log p(l)`, where :math:`p(l)` sums the probabilities of all paths that spell it (Graves et al.,
Connectionist temporal classification, 2006, eq. 3). With a blank around each letter, :math:`l'` of length
:math:`2 L + 1`, the forward and the backward sums over beginnings and ends of paths (eq. 6, 7, 10, 11) take
:math:`O(T L)`, here in logarithms, of float64. The gradient by the activations is the softmax less
:math:`p(\text{letter at } t \mid l)` (eq. 16).

A word that does not fit into its sequence costs nothing, and neither has it a gradient: so it is in warp-ctc, which
Theano called.

Read next: :mod:`ptembed.theano.tensor.nnet.ctc`.
"""

import numpy as np
import pytensor.tensor as pt
from numba import njit
from pytensor.gradient import grad_undefined
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from ptembed import _pytensor

__all__ = ["ConnectionistTemporalClassification"]

WRONG_LENGTH = "input_lengths must be between 0 and the number of activations, one for each sequence"
NO_LETTER = "labels must be below the number of activations' letters, one row for each sequence"


class ConnectionistTemporalClassification(Op):
    """The cost of each word; its gradient too, as a second output that only a gradient reads.

    Parameters
    ----------
    compute_grad : bool, optional
        Whether there is a second output.
    openmp : optional
        Accepted and not used.

    Notes
    -----
    It is called with ``activations`` (times, sequences, letters) of floats, before a softmax; ``labels`` (sequences,
    longest word) of int32, where negative ones are left out; and ``input_lengths`` (sequences,) of int32. It gives the
    costs, shape (sequences,).

    Raises
    ------
    TypeError
        For inputs of another dtype.
    ValueError
        For inputs of another rank; in the call for lengths or labels out of range.
    """

    __props__ = ("compute_grad",)
    default_output = 0

    def __init__(self, compute_grad=True, openmp=None):
        self.compute_grad = compute_grad

    def make_node(self, activations, labels, input_lengths):
        activations, labels, lengths = inputs = [pt.as_tensor(v) for v in (activations, labels, input_lengths)]
        if activations.type.dtype not in ("float32", "float64"):
            raise TypeError(f"activations must be of float32 or float64, got {activations.type}: cast them")
        for name, v in (("labels", labels), ("input_lengths", lengths)):
            if v.type.dtype != "int32":
                raise TypeError(f"{name} must be of int32, got {v.type}: cast them")
        for name, v, ndim in (("activations", activations, 3), ("labels", labels, 2), ("input_lengths", lengths, 1)):
            if v.type.ndim != ndim:
                raise ValueError(f"{name} must have {ndim} dimensions, got {v.type}: reshape them")
        dtype = activations.type.dtype
        gradients = [pt.tensor3("ctc_grad", dtype=dtype)] if self.compute_grad else []
        return Apply(self, inputs, [pt.vector("ctc_cost", dtype=dtype), *gradients])

    def perform(self, node, inputs, output_storage):
        activations, labels, lengths = inputs
        if labels.shape[:1] != lengths.shape or len(lengths) != activations.shape[1]:
            raise ValueError(WRONG_LENGTH)
        costs = np.zeros(len(lengths), activations.dtype)
        gradients = np.zeros_like(activations)
        for k, (row, T) in enumerate(zip(labels, lengths, strict=True)):
            costs[k] = cost_of_word(activations[:, k], row, T, gradients[:, k])
        output_storage[0][0] = costs
        if self.compute_grad:
            output_storage[1][0] = gradients

    def pullback(self, inputs, outputs, cotangents):
        gradients = ConnectionistTemporalClassification().make_node(*inputs).outputs[1]
        undefined = [grad_undefined(self, i, inputs[i], "labels and lengths are whole") for i in (1, 2)]
        return [cotangents[0][None, :, None] * gradients, *undefined]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [(shapes[0][1],), shapes[0]][: len(node.outputs)]


def cost_of_word(activations, labels, T, gradient):
    """Give the cost of one word in NumPy, and fill ``gradient``; see :func:`cost_of_one`."""
    P = activations.shape[1]
    word = labels[labels >= 0]
    if not 0 <= T <= len(activations):
        raise ValueError(WRONG_LENGTH)
    if (word >= P).any():
        raise ValueError(NO_LETTER)
    if len(word) + (word[1:] == word[:-1]).sum() > T or not T:
        return 0.0
    letters = np.zeros(2 * len(word) + 1, dtype=int)
    letters[1::2] = word
    leaps = np.append([False, False], (letters[2:] != 0) & (letters[2:] != letters[:-2]))[: len(letters)]
    logp = activations[:T].astype("float64")
    logp -= np.logaddexp.reduce(logp, axis=1, keepdims=True)
    back = np.append(np.zeros(2, bool), leaps[:1:-1])[: len(letters)]
    forward = _sums(logp[:, letters], leaps)
    backward = _sums(logp[::-1, letters[::-1]], back)[::-1, ::-1]
    total = np.logaddexp.reduce(forward[-1, -2:])
    at = np.exp(forward + backward - logp[:, letters] - total)
    gradient[:T] = np.exp(logp)
    np.add.at(gradient[:T], (slice(None), letters), -at)
    return -total


def _sums(logp, leaps):
    """Sum over the beginnings of paths (eq. 6): they stay, go on by one, and by two where ``leaps``."""
    sums = np.full(logp.shape, -np.inf)
    sums[0, :2] = logp[0, :2]
    for t in range(1, len(logp)):
        one, two = (np.append(np.full(s, -np.inf), sums[t - 1])[: logp.shape[1]] for s in (1, 2))
        two[~leaps] = -np.inf
        sums[t] = logp[t] + np.logaddexp(np.logaddexp(sums[t - 1], one), two)
    return sums


@njit
def add_logs(a, b):
    """Give :math:`\\log(e^a + e^b)`."""
    if a < b:
        a, b = b, a
    return a if b == -np.inf else a + np.log1p(np.exp(b - a))


@njit
def with_blanks(labels, P):
    """Give the word that the labels spell with a blank around each letter, and how many letters come twice in a row."""
    letters, k, twice = np.zeros(2 * len(labels) + 1, np.int64), 0, 0
    for letter in labels:
        if letter >= P:
            raise ValueError(NO_LETTER)
        if letter >= 0:
            letters[2 * k + 1] = letter
            twice += k > 0 and letters[2 * k - 1] == letter
            k += 1
    return letters[: 2 * k + 1], twice


@njit
def log_probabilities(activations):
    """Give the logarithm of the softmax over letters, shape (times, letters)."""
    logp = np.empty(activations.shape, np.float64)
    for t in range(len(logp)):
        largest, total = np.float64(activations[t].max()), 0.0
        for k in range(activations.shape[1]):
            logp[t, k] = activations[t, k] - largest
            total += np.exp(logp[t, k])
        logp[t] -= np.log(total)
    return logp


@njit
def leaps_to(letters, s):
    """Whether a path may leave out the blank before letter ``s``."""
    return s > 1 and letters[s] != 0 and letters[s] != letters[s - 2]


@njit
def beginnings(logp, letters):
    """Sum over the paths from the beginning to letter s at time t, including it (eq. 6)."""
    T, S = len(logp), len(letters)
    forward = np.full((T, S), -np.inf)
    for s in range(min(2, S)):
        forward[0, s] = logp[0, letters[s]]
    for t in range(1, T):
        for s in range(max(0, S - 2 * (T - t)), min(S, 2 * t + 2)):
            total = forward[t - 1, s]
            if s > 0:
                total = add_logs(total, forward[t - 1, s - 1])
            if leaps_to(letters, s):
                total = add_logs(total, forward[t - 1, s - 2])
            forward[t, s] = total + logp[t, letters[s]]
    return forward


@njit
def subtract_posterior(gradient, forward, logp, letters, total):
    """Take the probability of each letter at each time from ``gradient``; the sums over ends go along (eq. 10)."""
    T, S = forward.shape
    after, now = np.full(S, -np.inf), np.full(S, -np.inf)
    now[max(0, S - 2) :] = 0.0
    for t in range(T - 1, -1, -1):
        for s in range(S):
            gradient[t, letters[s]] -= np.exp(forward[t, s] + now[s] - total)
            after[s] = now[s] + logp[t, letters[s]]
        for s in range(S):
            now[s] = after[s]
            if s + 1 < S:
                now[s] = add_logs(now[s], after[s + 1])
            if s + 2 < S and leaps_to(letters, s + 2):
                now[s] = add_logs(now[s], after[s + 2])


@njit
def cost_of_one(activations, labels, T, gradient):
    """Give the cost of one word; where ``gradient`` has elements, fill it.

    Parameters
    ----------
    activations : array (times, letters)
    labels : int vector
        Negative ones are left out.
    T : int
        How many of the times count.
    gradient : array like ``activations``, or (0, 0), of zeros
    """
    if T < 0 or len(activations) < T:
        raise ValueError(WRONG_LENGTH)
    letters, twice = with_blanks(labels, activations.shape[1])
    if len(letters) // 2 + twice > T or T == 0:
        return 0.0
    logp = log_probabilities(activations[:T])
    forward = beginnings(logp, letters)
    total = forward[-1, -1]
    if len(letters) > 1:
        total = add_logs(total, forward[-1, -2])
    if gradient.size:
        gradient[:T] = np.exp(logp)
        subtract_posterior(gradient, forward, logp, letters, total)
    return -total


@_pytensor.numba_kernel(ConnectionistTemporalClassification)
def ctc_kernel(op, node):
    compute_grad = op.compute_grad

    @njit
    def costs_of(activations, labels, lengths, gradients):
        m = activations.shape[1]
        if len(lengths) != m or len(labels) != m:
            raise ValueError(WRONG_LENGTH)
        costs = np.empty(m, activations.dtype)
        for k in range(m):
            costs[k] = cost_of_one(activations[:, k], labels[k], np.int64(lengths[k]), gradients[:, k])
        return costs

    @njit
    def ctc_with_gradient(activations, labels, lengths):
        gradients = np.zeros(activations.shape, activations.dtype)
        return costs_of(activations, labels, lengths, gradients), gradients

    @njit
    def ctc(activations, labels, lengths):
        return costs_of(activations, labels, lengths, np.empty((0, activations.shape[1], 0), activations.dtype))

    return ctc_with_gradient if compute_grad else ctc
