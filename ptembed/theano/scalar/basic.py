"""Scalars, and the Ops on them that elementwise Ops are made of.

Theano's names for PyTensor's Ops; what PyTensor has not is in :mod:`~ptembed.theano.scalar.angles`,
:mod:`~ptembed.theano.scalar.ranges` and :mod:`~ptembed.theano.scalar.dtypes`.
"""

from builtins import bool as builtin_bool
from builtins import complex as builtin_complex
from builtins import float as builtin_float
from builtins import int as builtin_int

from pytensor.scalar.basic import (
    AND,
    EQ,
    GE,
    GT,
    LE,
    LT,
    NEQ,
    OR,
    XOR,
    Abs,
    Add,
    ArcCos,
    ArcCosh,
    ArcSin,
    ArcSinh,
    ArcTan,
    ArcTan2,
    ArcTanh,
    BinaryBitOp,
    BinaryScalarOp,
    Cast,
    Ceil,
    Clip,
    Complex,
    ComplexError,
    Composite,
    Conj,
    Cos,
    Cosh,
    Exp,
    Exp2,
    Expm1,
    FixedLogicalComparison,
    Floor,
    Identity,
    Imag,
    IntDiv,
    IntegerDivisionError,
    Invert,
    IsInf,
    IsNan,
    Log,
    Log1p,
    Log2,
    Log10,
    LogicalComparison,
    Maximum,
    Minimum,
    Mod,
    Mul,
    Neg,
    NumpyAutocaster,
    Pow,
    Real,
    RoundHalfAwayFromZero,
    RoundHalfToEven,
    ScalarConstant,
    ScalarOp,
    ScalarVariable,
    Second,
    Sin,
    Sinh,
    Sqr,
    Sqrt,
    Sub,
    Switch,
    Tan,
    Tanh,
    TrueDiv,
    Trunc,
    UnaryBitOp,
    UnaryScalarOp,
    _cast_mapping,
    _scalar_py_operators,
    add,
    all_types,
    and_,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    as_scalar,
    autocast_float,
    autocast_float_as,
    autocast_int,
    bool,
    cast,
    ceil,
    clip,
    complex,
    complex64,
    complex128,
    complex_types,
    conj,
    constant,
    continuous_types,
    convert,
    convert_to_bool,
    convert_to_complex64,
    convert_to_complex128,
    convert_to_float16,
    convert_to_float32,
    convert_to_float64,
    convert_to_int8,
    convert_to_int16,
    convert_to_int32,
    convert_to_int64,
    convert_to_uint8,
    convert_to_uint16,
    convert_to_uint32,
    convert_to_uint64,
    cos,
    cosh,
    discrete_types,
    eq,
    exp,
    exp2,
    expm1,
    float16,
    float32,
    float64,
    float_out,
    float_types,
    floor,
    floor_div,
    ge,
    get_scalar_type,
    gt,
    identity,
    imag,
    int8,
    int16,
    int32,
    int64,
    int_div,
    int_out,
    int_types,
    integer_types,
    invert,
    isinf,
    isnan,
    le,
    log,
    log1p,
    log2,
    log10,
    lt,
    maximum,
    minimum,
    mod,
    mod_check,
    mul,
    neg,
    neq,
    or_,
    pow,
    real,
    real_out,
    round_half_away_from_zero,
    round_half_away_from_zero_,
    round_half_away_from_zero_vec,
    round_half_away_from_zero_vec32,
    round_half_away_from_zero_vec64,
    round_half_to_even,
    same_out,
    same_out_float_only,
    same_out_min8,
    same_out_nobool,
    same_out_nocomplex,
    second,
    sin,
    sinh,
    specific_out,
    sqr,
    sqrt,
    sub,
    switch,
    tan,
    tanh,
    true_div,
    trunc,
    uint8,
    uint16,
    uint32,
    uint64,
    uint_types,
    upcast,
    upcast_out,
    upcast_out_min8,
    upcast_out_no_complex,
    upcast_out_nobool,
    upgrade_to_float,
    upgrade_to_float64,
    upgrade_to_float_no_complex,
    xor,
)
from pytensor.scalar.basic import Reciprocal as Inv
from pytensor.scalar.basic import ScalarType as Scalar
from pytensor.scalar.basic import Sign as Sgn
from pytensor.scalar.basic import abs as abs_
from pytensor.scalar.basic import reciprocal as inv
from pytensor.scalar.basic import sign as sgn

from ptembed.theano import _gone
from ptembed.theano.configparser import config
from ptembed.theano.scalar.angles import (
    Angle,
    ComplexFromPolar,
    Deg2Rad,
    Rad2Deg,
    angle,
    complex_from_polar,
    deg2rad,
    rad2deg,
)
from ptembed.theano.scalar.dtypes import (
    as_common_dtype,
    float_out_nocomplex,
    int_or_true_div,
    int_out_nocomplex,
    transfer_type,
    unary_out_lookup,
)
from ptembed.theano.scalar.ranges import InRange, inclosedrange, inopenrange


def div_proxy(x, y):
    """``x / y`` as Python 2 had it: :func:`int_or_true_div` says which."""
    return int_or_true_div(as_scalar(x).type in discrete_types, as_scalar(y).type in discrete_types)(x, y)


def _plural(scalar_type):
    def construct(names):
        made = [scalar_type(name) for name in names]
        return made[0] if len(made) == 1 else made

    construct.__doc__ = f"Scalars of type {scalar_type}, one for each name in ``names``; of one name the scalar itself."
    return construct


ints, floats = _plural(int64), _plural(float64)
complexs = complexs128 = _plural(complex128)
complexs64 = _plural(complex64)

_COMPOSITE = ("an optimizer made it for the GPU", "Composite")

__getattr__ = _gone.getattr_of(
    __name__,
    dict.fromkeys(("Compositef32", "composite_f32", "handle_cast", "handle_composite"), _COMPOSITE),
    lazy={
        **{name: f"ptembed.theano.{name}" for name in ("gof", "printing")},
        **{
            name: f"ptembed.theano.gof:{name}"
            for name in ("Apply", "Constant", "FunctionGraph", "Op", "Type", "Variable")
        },
        **{
            name: f"pytensor.gradient:{name}" for name in ("DisconnectedType", "grad_not_implemented", "grad_undefined")
        },
        **{"utils": "ptembed.theano.gof.utils", "pprint": "ptembed.theano.printing:pprint"},
    },
)
