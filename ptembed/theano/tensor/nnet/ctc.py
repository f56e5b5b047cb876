"""Connectionist temporal classification, with no other library; the Op is in :mod:`ptembed.ops.ctc`."""

from pytensor.graph.rewriting.basic import copy_stack_trace, node_rewriter
from pytensor.tensor.rewriting.basic import register_canonicalize

from ptembed.ops.ctc import ConnectionistTemporalClassification
from ptembed.theano import _gone

__all__ = ["ConnectionistTemporalClassification", "ctc", "ctc_available", "ctc_present"]


def ctc_available() -> bool:
    """True: what this module needs is here."""
    return True


ctc_present = ctc_available


def ctc(activations, labels, input_lengths):
    r"""Give :math:`-\log p` of each word: :class:`ptembed.ops.ctc.ConnectionistTemporalClassification`.

    Parameters
    ----------
    activations : array of floats (times, sequences, letters)
        Before a softmax over the letters, of which 0 is the blank.
    labels : int32 matrix (sequences, longest word)
        Negative ones are left out.
    input_lengths : int32 vector (sequences,)
        How many of the times count.

    Returns
    -------
    vector (sequences,)
        0 for a word that does not fit into its times.

    Raises
    ------
    TypeError
        For inputs of another dtype.
    ValueError
        For inputs of another rank; in the call for lengths or labels out of range.

    Examples
    --------
    >>> import numpy as np
    >>> even = np.zeros((1, 1, 5), dtype="float32")
    >>> word, times = np.array([[1]], dtype="int32"), np.array([1], dtype="int32")
    >>> round(float(ctc(even, word, times).eval()[0]), 4)  # log 5
    1.6094
    """
    return ConnectionistTemporalClassification()(activations, labels, input_lengths)


@register_canonicalize("fast_compile")
@node_rewriter([ConnectionistTemporalClassification])
def local_ctc_no_grad(fgraph, node):
    """Leave the gradient out where nothing reads it."""
    if not node.op.compute_grad or fgraph.clients[node.outputs[1]]:
        return None
    cost = ConnectionistTemporalClassification(compute_grad=False)(*node.inputs)
    copy_stack_trace(node.outputs[0], cost)
    return {node.outputs[0]: cost}


__getattr__ = _gone.getattr_of(__name__, lazy={"cpu_contiguous": "pytensor.tensor.extra_ops:cpu_contiguous"})
