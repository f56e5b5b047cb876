"""The Ops of the generator MRG31k3p, and steps of it in Python, under Theano's names.

The generator is in :mod:`ptembed.ops.mrg31k3p`; programs find all this in :mod:`ptembed.theano.sandbox.rng_mrg`, with
the streams.
"""

import numpy as np
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from ptembed.ops import mrg31k3p
from ptembed.theano import tensor
from ptembed.theano.compile import optdb
from ptembed.theano.gof import local_optimizer
from ptembed.theano.gof._protocol import TheanoOp
from ptembed.theano.tensor.opt import in2out

__all__ = [
    "M1",
    "M2",
    "NORM",
    "A1p72",
    "A1p134",
    "A2p72",
    "A2p134",
    "DotModulo",
    "ff_2p72",
    "ff_2p134",
    "matVecModM",
    "mrg_next_value",
    "mrg_random_make_inplace",
    "mrg_uniform",
    "mrg_uniform_base",
    "multMatVect",
]

M1, M2 = np.asarray(np.int32(mrg31k3p.M1)), np.asarray(np.int32(mrg31k3p.M2))
NORM = mrg31k3p.NORMS["float64"]
A1p72, A2p72 = mrg31k3p.jump_matrices(72)
A1p134, A2p134 = mrg31k3p.jump_matrices(134)


class mrg_uniform_base(TheanoOp, mrg31k3p.Uniform):
    """The base of the Ops that draw uniform numbers; see :class:`ptembed.ops.mrg31k3p.Uniform`."""

    def __str__(self):
        return f"{type(self).__name__}{{{self.output_type},{'inplace' if self.inplace else 'no_inplace'}}}"

    def R_op(self, inputs, eval_points):
        return [None, None]


class mrg_uniform(mrg_uniform_base):
    """Draws uniform numbers: ``mrg_uniform(output_type)(rstate, size)`` gives the new states and the numbers."""

    @classmethod
    def new(cls, rstate, ndim, dtype, size):
        """Give the new states and ``size`` numbers.

        Parameters
        ----------
        rstate : int32 matrix, shape (n, 6)
        ndim : int or None
            Needed where the length of ``size`` is not known.
        dtype : str
        size : tuple of int, or int vector
        """
        size = tensor.as_tensor_variable(size)
        ndim = tensor.get_vector_length(size) if ndim is None else ndim
        return cls(tensor.TensorType(dtype, (False,) * ndim))(rstate, size)


class DotModulo(TheanoOp, Op):
    """Two products of a matrix and a vector, each modulo its number, one after the other: ``(A, s, m, A2, s2, m2)``."""

    __props__ = ()

    def make_node(self, *inputs):
        return Apply(self, [tensor.as_tensor_variable(v) for v in inputs], [inputs[1].type.clone(shape=(None,))()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = np.concatenate([matVecModM(*inputs[:3]), matVecModM(*inputs[3:])])

    def infer_shape(self, node, shapes):
        return [(shapes[0][0] + shapes[3][0],)]


def matVecModM(A, s, m):
    """Multiply a matrix and a vector of numbers below ``m < 2**31``, modulo ``m``, in 64 bits.

    Parameters
    ----------
    A : int64 array, shape (n, d)
    s : int array, shape (d,)
    m : int

    Returns
    -------
    int32 array, shape (n,)
    """
    products = np.asarray(A, dtype="int64") * s % m
    return (products.sum(axis=1) % m).astype("int32")


def multMatVect(v, A, m1, B, m2):
    """Multiply the first half of ``v`` by ``A`` modulo ``m1`` and the second by ``B`` modulo ``m2``.

    Parameters
    ----------
    v : int array, shape (6,)
    A, B : int64 array, shape (3, 3)
    m1, m2 : int

    Returns
    -------
    int32 array, shape (6,)
    """
    return np.concatenate([matVecModM(A, v[:3], m1), matVecModM(B, v[3:], m2)])


def ff_2p134(rstate):
    """Give the state ``2**134`` numbers further on: where the next array of random numbers starts."""
    return mrg31k3p.jump(np.asarray(rstate), 134)


def ff_2p72(rstate):
    """Give the state ``2**72`` numbers further on: where the next stream of an array starts."""
    return mrg31k3p.jump(np.asarray(rstate), 72)


def mrg_next_value(rstate, new_rstate, NORM, mask, offset):
    """Write the state after ``rstate`` into ``new_rstate``, and give its number.

    Parameters
    ----------
    rstate, new_rstate : int32 array, shape (6,)
    NORM : float
    mask, offset : int
        The number is ``((difference & mask) + offset) * NORM``.
    """
    new_rstate[...] = mrg31k3p.advance(np.asarray(rstate)[None])[0]
    difference = int(new_rstate[0]) - int(new_rstate[3])
    return (((difference if difference > 0 else difference + mrg31k3p.M1) & mask) + offset) * NORM


@local_optimizer((mrg_uniform_base,))
def mrg_random_make_inplace(node):
    """Let a node that draws numbers overwrite its states."""
    op = node.op
    if not isinstance(op, mrg_uniform_base) or op.inplace:
        return False
    return type(op)(op.output_type, inplace=True).make_node(*node.inputs).outputs


_inplace = in2out(mrg_random_make_inplace, ignore_newtrees=True)
optdb.register("random_make_inplace_mrg", _inplace, 99, "fast_run", "inplace")
