"""A softmax of two levels, for many outputs."""

import pytensor.tensor as pt

from ptembed.theano.tensor.nnet.softmaxes import softmax

__all__ = ["h_softmax"]


def h_softmax(x, batch_size, n_outputs, n_classes, n_outputs_per_class, W1, b1, W2, b2, target=None):
    r"""Give the probabilities of outputs as those of their class times those within the class (Goodman 2001).

    Output o is in class ``o // n_outputs_per_class``. With targets the time is O(classes + outputs of a class) a row,
    smallest where both are the square root of ``n_outputs``; for all outputs it is linear in them.

    Parameters
    ----------
    x : matrix (batch_size, d)
        What the last hidden layer gives.
    batch_size, n_outputs, n_classes, n_outputs_per_class : int
        ``n_classes * n_outputs_per_class`` is at least ``n_outputs``; what is over it is left out.
    W1, b1 : matrix (d, n_classes), vector (n_classes,)
        Weights of the classes.
    W2, b2 : array (n_classes, d, n_outputs_per_class), matrix (n_classes, n_outputs_per_class)
        Weights of the outputs within each class.
    target : int vector (batch_size,) or matrix (batch_size, 1), optional
        The output that is asked for in each row.

    Returns
    -------
    vector (batch_size,)
        The probability of the target, if there is one; otherwise a matrix (batch_size, n_outputs).
    """
    of_classes = softmax(pt.dot(x, W1) + b1)
    if target is None:
        within = softmax((pt.tensordot(x, W2, (1, 1)) + b2).reshape((-1, n_outputs_per_class)))
        all_ = of_classes.dimshuffle(0, 1, "x") * within.reshape((batch_size, n_classes, -1))
        return all_.reshape((batch_size, -1))[:, :n_outputs]
    target = target.flatten()
    k, rows = target // n_outputs_per_class, pt.arange(batch_size)
    W, b = pt.as_tensor_variable(W2)[k], pt.as_tensor_variable(b2)[k]
    within = softmax((x[:, :, None] * W).sum(axis=1) + b)
    return of_classes[rows, k] * within[rows, target % n_outputs_per_class]
