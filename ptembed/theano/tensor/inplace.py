"""Elementwise Ops that overwrite their first input, which the caller must not need again.

For graphs compiled with ``accept_inplace=True``, and for optimizers. The result has the dtype of the first input.
"""

from pytensor.tensor.elemwise import DimShuffle, Elemwise

from ptembed.theano import scalar as scal
from ptembed.theano.tensor import elemwise

_NAMES = """
    lt gt le ge eq neq and_ or_ xor invert abs_ exp exp2 expm1 neg inv log log1p log2 log10 sgn ceil floor trunc
    round_half_to_even round_half_away_from_zero sqr sqrt deg2rad rad2deg cos arccos sin arcsin tan arctan arctan2
    cosh arccosh sinh arcsinh tanh arctanh erf erfc erfcx gamma gammaln psi tri_gamma chi2sf j0 j1 jv i0 i1 iv
    second maximum minimum add sub mul true_div int_div mod pow conj
"""

__all__ = [*(f"{name}_inplace" for name in _NAMES.split()), "fill_inplace", "transpose_inplace"]

_SAME_TYPE = scal.transfer_type(0)


def _op(name: str) -> Elemwise:
    scalar_op = type(getattr(scal, name))(_SAME_TYPE)
    return Elemwise(scalar_op, {0: 0}, name=f"{name}_inplace")


globals().update({f"{name}_inplace": _op(name) for name in _NAMES.split()})
fill_inplace = globals()["second_inplace"]


def transpose_inplace(x, **kwargs):
    """``x`` with its dimensions in reverse order, as a view."""
    return DimShuffle(input_ndim=x.ndim, new_order=range(x.ndim - 1, -1, -1))(x)
