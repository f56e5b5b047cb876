"""``theano.tensor.basic``: nearly all functions of ``theano.tensor``.

What they are is in the modules named by what they are about: :mod:`~ptembed.theano.tensor.constructors`,
:mod:`~ptembed.theano.tensor.conversion`, :mod:`~ptembed.theano.tensor.elementwise`,
:mod:`~ptembed.theano.tensor.reductions`, :mod:`~ptembed.theano.tensor.building`,
:mod:`~ptembed.theano.tensor.shaping`, :mod:`~ptembed.theano.tensor.joining`,
:mod:`~ptembed.theano.tensor.products`. The rest is here.
"""

# isort: skip_file
# The order counts: names of the standard library that ours hide first, then ours.
import logging
from builtins import all as python_all, any as python_any, complex as python_complex

import numpy as np
import pytensor.tensor as pt
import ptembed.theano as theano  # star imports of theano.tensor gave these four modules too
from ptembed.theano import compile, gof, printing
from pytensor.gradient import DisconnectedType, grad_not_implemented, grad_undefined
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.op import Op
from pytensor.link.c.params_type import ParamsType
from pytensor.printing import min_informative_str, pprint
from pytensor.scalar.basic import int32
from pytensor.tensor.basic import (
    Choose,
    ScalarFromTensor,
    TensorFromScalar,
    _cast_mapping,
    _convert_to_bool,
    _convert_to_complex64,
    _convert_to_complex128,
    _convert_to_float16,
    _convert_to_float32,
    _convert_to_float64,
    _convert_to_int8,
    _convert_to_int16,
    _convert_to_int32,
    _convert_to_int64,
    _convert_to_uint8,
    _convert_to_uint16,
    _convert_to_uint32,
    _convert_to_uint64,
    register_transfer,
    scalar_from_tensor,
    tensor_from_scalar,
    transfer,
)
from pytensor.tensor.basic import PermuteRowElements as _PermuteRowElements
from pytensor.tensor.math import iround, isinf, isnan
from pytensor.tensor.math import (
    float16_atol,
    float16_rtol,
    float32_atol,
    float32_rtol,
    float64_atol,
    float64_rtol,
)
from pytensor.tensor.shape import Shape, shape
from pytensor.tensor.type_other import NoneConst

from ptembed import _pytensor
from ptembed.theano import scalar as scal
from ptembed.theano import _gone
from ptembed.theano._faces import Face
from ptembed.theano.compile.rebroadcast import Rebroadcast
from ptembed.theano.configparser import config
from ptembed.theano.gof.type import Generic
from ptembed.theano.scalar.basic import ComplexError
from ptembed.theano.tensor import elemwise
from ptembed.theano.tensor.elemwise import CAReduce, DimShuffle, Elemwise, Prod, Sum
from ptembed.theano.tensor.type import (
    TensorType,
    all_dtypes,
    complex_dtypes,
    continuous_dtypes,
    discrete_dtypes,
    float_dtypes,
    int_dtypes,
    integer_dtypes,
    uint_dtypes,
    values_eq_approx_always_true,
)
from ptembed.theano.tensor.var import (
    AsTensorError,
    TensorConstant,
    TensorConstantSignature,
    TensorVariable,
    _tensor_py_operators,
)
from ptembed.theano.tensor.conversion import *
from ptembed.theano.tensor.conversion import (
    _allclose,
    _as_tensor_variable,
    _get_atol_rtol,
    _obj_is_wrappable_as_tensor,
)
from ptembed.theano.tensor.constructors import *
from ptembed.theano.tensor.elementwise import *
from ptembed.theano.tensor.reductions import *
from ptembed.theano.tensor.building import *
from ptembed.theano.tensor.building import _nonzero
from ptembed.theano.tensor.shaping import *
from ptembed.theano.tensor.joining import *
from ptembed.theano.tensor.products import *
from ptembed.theano.tensor.products import _tensordot_as_dot

Tensor = TensorType
numpy_diagonal_return_view = True
_logger = logging.getLogger("theano.tensor.basic")

#: The scalar Ops that :func:`get_scalar_constant_value` computes.
get_scalar_constant_value_elemwises = (
    *(scal.Cast, scal.Switch, scal.NEQ, scal.EQ, scal.LT, scal.GT, scal.LE, scal.GE),
    *(scal.Sub, scal.Add, scal.Mod, scal.Mul, scal.IntDiv, scal.TrueDiv, scal.Minimum, scal.Maximum),
)


def constructor(f):
    """Mark a function as one that makes variables; it stays as it is."""
    return f


def cast(x, dtype):
    """``x`` in another dtype; itself where it has that dtype.

    Raises
    ------
    TypeError
        If ``x`` is complex and ``dtype`` is not: take ``real``, ``imag``, ``abs_`` or ``angle`` first.
    """
    return pt.cast(as_tensor_variable(x), config.floatX if dtype == "floatX" else dtype)


def allclose(a, b, rtol=1.0e-5, atol=1.0e-8, equal_nan=False):
    """Whether all elements of ``a`` are near those of ``b``; see :func:`isclose`."""
    return all(isclose(a, b, rtol, atol, equal_nan))


def isclose(a, b, rtol=1.0e-5, atol=1.0e-8, equal_nan=False):
    """Which elements of ``a`` are near those of ``b``: ``|a - b| <= atol + rtol |b|``, or the same infinity.

    Parameters
    ----------
    a, b : arrays
    rtol, atol : float
    equal_nan : bool
        Whether two NaN are near.
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    return pt.isclose(a, b, rtol, atol, equal_nan)


def round(a, mode=None):
    """The nearest integer, as a float; halves to the even one, or away from zero by ``mode="half_away_from_zero"``."""
    modes = {None: round_half_to_even, "half_to_even": round_half_to_even}
    modes["half_away_from_zero"] = round_half_away_from_zero
    if mode not in modes:
        raise Exception(f"round mode {mode} is not implemented.")
    return modes[mode](a)


def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None):
    """The covariance matrix of the rows of ``m`` (and of ``y``), as ``numpy.cov``; weights are not there."""
    return pt.cov(m, y, rowvar, bias, ddof, fweights, aweights)


class Default(Op):
    """Its first input, or its second where the first is None, ``default(x, y)``; both must have one type."""

    view_map = {0: [0]}
    __props__ = ()

    def make_node(self, x, default):
        x, default = as_tensor_variable(x), as_tensor_variable(default)
        if not (x.type.dtype == default.type.dtype and x.type.broadcastable == default.type.broadcastable):
            raise TypeError(f"Both default() arguments must have same type, got {x.type} and {default.type}.")
        return Apply(self, [x, default], [x.type()])

    def perform(self, node, inputs, output_storage):
        x, default = inputs
        output_storage[0][0] = default.copy() if x is None else x


setdefault = default = Default()


def div_proxy(x, y):
    """``x / y`` as Python 2 had it: of two integers what ``theano.config.int_division`` says, else a true division."""
    discrete = [as_tensor_variable(v).dtype in discrete_dtypes for v in (x, y)]
    return int_div(x, y) if scal.int_or_true_div(*discrete) is scal.int_div else true_div(x, y)


def divmod(x, y):
    """The quotient rounded down, and the remainder."""
    return floor_div(x, y), mod_check(x, y)


def ceil_intdiv(a, b):
    """The quotient of two integers rounded up."""
    quotient = int_div(a, b)
    return cast(neq(a % b, 0), quotient.dtype) + quotient


def mod_check(x, y):
    """The remainder of a division; ``ComplexError`` for complex numbers."""
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    if x.dtype in complex_dtypes or y.dtype in complex_dtypes:
        raise ComplexError("The remainder of a division is not defined for complex numbers.")
    return mod(x, y)


def power(x, y):
    """``x ** y``."""
    return x**y


class PermuteRowElements(_PermuteRowElements, metaclass=Face):
    """Puts the elements of each row in another order, or back: ``PermuteRowElements()(x, y, inverse)``."""

    __props__ = ()

    @staticmethod
    def _is(op):
        return isinstance(op, _PermuteRowElements)

    def __init__(self):
        super().__init__(inverse=False)

    def __call__(self, x, y, inverse, **kwargs):
        try:
            known = bool(get_scalar_constant_value(inverse))
        except NotScalarConstantError:
            return super().__call__(x, y, inverse, **kwargs)
        return _PermuteRowElements(known)(as_tensor_variable(x), as_tensor_variable(y))

    def make_node(self, x, y, inverse):
        node = super().make_node(x, y)
        return Apply(self, [*node.inputs, as_tensor_variable(inverse)], [o.type() for o in node.outputs])

    def perform(self, node, inputs, output_storage):
        x, y, inverse = inputs
        _PermuteRowElements(bool(inverse)).perform(node, [x, y], output_storage)

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [tuple(pt.maximum(n, m) for n, m in zip(*shapes[:2], strict=True))]

    def pullback(self, inputs, outputs, cotangents):
        x, y, inverse = inputs
        gx = permute_row_elements(cotangents[0], y, pt.eq(inverse, 0))
        spread = [i for i, b in enumerate(x.type.broadcastable) if b and not outputs[0].type.broadcastable[i]]
        gx = pt.sum(gx, axis=spread, keepdims=True) if spread else gx
        return [gx, grad_undefined(self, 1, y), grad_undefined(self, 2, inverse)]


_dot = Dot()
_permute_row_elements = PermuteRowElements()


def permute_row_elements(x, y, inverse=0):
    """The elements of each row of ``x`` in the order ``y``; put back from it where ``inverse`` is not 0."""
    return _permute_row_elements(x, y, inverse)


def inverse_permutation(perm):
    """The permutations that undo those in the rows of ``perm``."""
    perm = as_tensor_variable(perm)
    return permute_row_elements(arange(perm.shape[-1], dtype=perm.dtype), perm, inverse=True)


def choose(a, choices, out=None, mode="raise"):
    """Of several arrays ``choices`` at each place the element of that whose number ``a`` has there.

    Parameters
    ----------
    a : array of int
    choices : list of arrays, or an array whose first dimension counts them
    out : None
        NumPy's argument, which a symbolic function has no use for.
    mode : {"raise", "wrap", "clip"}
        What happens to numbers that are too small or too large.
    """
    if out is not None:
        raise AssertionError("choose makes a new array: out must be None.")
    return Choose(mode)(a, choices)


_INTERNAL = ("it was an internal of the optimizer", "nothing in its place")

__getattr__ = _gone.getattr_of(
    __name__,
    dict.fromkeys(("_scal_elemwise", "_scal_elemwise_with_nfunc", "_conversion", "_multi", "_pack"), _INTERNAL),
    {"hashtype": "ptembed.theano.gof.utils:hashtype", "int32_t": "pytensor.scalar:int32"},
)
