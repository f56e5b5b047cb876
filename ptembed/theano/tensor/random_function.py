"""The type of a state of NumPy's Mersenne Twister, and the Op that draws from one.

The numbers are those of ``numpy.random.RandomState``, whose streams NumPy keeps as they are, so that a seed gives here
what it gave on Theano. PyTensor has no type for such a state and Numba cannot hold one: a function that draws from a
stream runs node by node, or draws first (:mod:`ptembed.theano.compile.tiered`). Programs find all this in
:mod:`ptembed.theano.tensor.raw_random`, with the distributions.
"""

import copy
import warnings

import numpy as np
from pytensor.compile.mode import optdb
from pytensor.gradient import grad_undefined
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.rewriting.basic import dfs_rewriter, node_rewriter
from pytensor.tensor.exceptions import ShapeError

from ptembed.theano.gof.op import Op
from ptembed.theano.gof.type import Type
from ptembed.theano.tensor import basic
from ptembed.theano.tensor.bernoulli import binomial

__all__ = ["RandomFunction", "RandomStateType", "random_make_inplace", "random_state_type"]

as_tensor = basic.as_tensor_variable


class RandomStateType(Type):
    """The type of variables whose value is a ``numpy.random.RandomState``."""

    def filter(self, data, strict=False, allow_downcast=None):
        """Give ``data`` back.

        Raises
        ------
        TypeError
            If it is no RandomState.
        """
        if type(data) is not np.random.RandomState:
            raise TypeError(f"A random state must be a numpy.random.RandomState, got {type(data).__name__}.")
        return data

    def values_eq(self, a, b):
        """Whether two states will give the same numbers."""
        (*state_a, has_a, gauss_a), (*state_b, has_b, gauss_b) = a.get_state(), b.get_state()
        same = all(np.array_equal(x, y) for x, y in zip(state_a, state_b, strict=True))
        return same and has_a == has_b and (not has_a or gauss_a == gauss_b)

    def values_eq_approx(self, a, b, **tolerances):
        return self.values_eq(a, b)

    @staticmethod
    def may_share_memory(a, b):
        return a is b

    def get_shape_info(self, obj):
        return None

    def get_size(self, shape_info):
        return 625 * 4 + 2 * 8

    def __eq__(self, other):
        return type(self) is type(other)

    def __hash__(self):
        return hash(type(self))

    def __str__(self):
        return "RandomStateType"


random_state_type = RandomStateType()


class RandomFunction(Op):
    """Draws from a random state: ``op(state, shape, *args)`` gives the next state and the numbers.

    Parameters
    ----------
    fn : str or callable
        The name of a method of ``numpy.random.RandomState``, or a function called as ``fn(state, *args, size)``, where
        ``size`` is a tuple, or None if ``shape`` is empty.
    outtype : TensorType
        The type of the numbers: ``len(shape) + ndim_added`` dimensions.
    inplace : bool
        Whether the state that goes in may be the one that comes out.
    ndim_added : int
        How many dimensions ``fn`` adds to ``size``: 1 for permutations and counts of a multinomial.
    """

    __props__ = ("fn", "outtype", "inplace", "ndim_added")

    def __init__(self, fn, outtype, inplace=False, ndim_added=0):
        self.fn, self.outtype, self.inplace, self.ndim_added = fn, outtype, inplace, ndim_added
        if inplace:
            self.destroy_map = {0: [0]}

    @property
    def exec_fn(self):
        """What is called."""
        if self.fn == "binomial":
            return binomial
        return getattr(np.random.RandomState, self.fn) if isinstance(self.fn, str) else self.fn

    def __str__(self):
        return f"RandomFunction{{{self.exec_fn.__name__}}}"

    def make_node(self, r, shape, *args):
        """Apply the Op.

        Parameters
        ----------
        r : RandomStateType variable
        shape : vector of int32 or int64, or sequence of integers
        *args : what ``fn`` takes between the state and the size

        Raises
        ------
        TypeError
            If ``shape`` is no vector of integers, or ``r`` no variable.
        """
        if not isinstance(r, Variable):
            raise TypeError(f"A random state must be a variable of random_state_type, got {r!r}: use shared({r!r}).")
        if not isinstance(r.type, RandomStateType):
            warnings.warn(f"a random state should be a variable of RandomStateType, got {r.type}", stacklevel=2)
        empty = isinstance(shape, tuple | list) and not shape
        shape = as_tensor(np.zeros(0, "int64") if empty else shape, ndim=1)
        if shape.dtype not in ("int32", "int64"):
            raise TypeError(f"The shape of random numbers must be of int32 or int64, got {shape.dtype}.")
        return Apply(self, [r, shape, *map(as_tensor, args)], [r.type(), self.outtype()])

    def perform(self, node, inputs, output_storage):
        state, shape, *args = inputs
        size = tuple(int(n) for n in shape) or None
        if size is not None and self.outtype.ndim != len(size) + self.ndim_added:
            raise ValueError(
                f"Shape mismatch: the numbers must have {self.outtype.ndim} dimensions, got a shape of length "
                f"{len(size)} and ndim_added={self.ndim_added}."
            )
        if not self.inplace:
            state = copy.deepcopy(state)  # a shallow copy is another name of the same stream since NumPy 1.24
        numbers = np.asarray(self.exec_fn(state, *args, size), dtype=self.outtype.dtype)
        if size is None and numbers.ndim == 0:
            numbers = numbers.reshape((1,) * self.outtype.ndim)
        self._check(numbers.shape, size)
        output_storage[0][0], output_storage[1][0] = state, numbers

    def _check(self, shape, size):
        if len(shape) != self.outtype.ndim:
            raise ValueError(
                f"Shape mismatch: {self} must give {self.outtype.ndim} dimensions, the value has shape {shape}."
            )
        if size is not None and shape[: len(shape) - max(self.ndim_added, 0)] != size:
            raise ValueError(
                f"Shape mismatch: {self} must give shape {size} and {self.ndim_added} further dimensions, "
                f"the value has shape {shape}."
            )

    def infer_shape(self, node, shapes):
        _, size = node.inputs[:2]
        as_args_are = isinstance(size, Constant) and size.data.size == 0
        if self.ndim_added or as_args_are:
            raise ShapeError("the shape of these random numbers is known when they are drawn")
        return [None, [size[i] for i in range(self.outtype.ndim)]]

    def grad(self, inputs, output_grads):
        return [grad_undefined(self, i, x, "random numbers have no gradient") for i, x in enumerate(inputs)]

    def R_op(self, inputs, eval_points):
        return [None for _ in eval_points]


@node_rewriter([RandomFunction])
def random_make_inplace(fgraph, node):
    """Draw from the state itself, not from a copy of it."""
    op = node.op
    if op.inplace:
        return False
    in_place = type(op)(op.fn, op.outtype, inplace=True, ndim_added=op.ndim_added)
    return in_place.make_node(*node.inputs).outputs


optdb.register(
    "random_function_in_place",
    dfs_rewriter(random_make_inplace, ignore_newtrees=True),
    "fast_run",
    "inplace",
    position=99,
)
