"""The Ops that work element by element, under Theano's names.

Each is PyTensor's ``Elemwise`` of a scalar Op, equal to PyTensor's own of the same scalar Op, so that the graph's
rewrites and ``node.op == T.add`` hold for both; only its printed name is Theano's.
"""

from pytensor.tensor.elemwise import Elemwise

from ptembed.theano import scalar as scal

#: Theano's name of each Op, where its scalar Op has another one
SCALAR_NAMES = {"isnan_": "isnan", "isinf_": "isinf", "tensor_copy": "identity"}

_NAMES = """
    lt gt le ge eq neq isnan_ isinf_ switch and_ or_ xor invert abs_ exp exp2 expm1 neg inv log log2 log10 log1p
    sgn ceil floor trunc round_half_to_even round_half_away_from_zero sqr sqrt deg2rad rad2deg cos arccos sin
    arcsin tan arctan arctan2 cosh arccosh sinh arcsinh tanh arctanh erf erfc erfcx erfinv erfcinv gamma gammaln
    psi tri_gamma chi2sf gammainc gammaincc gammau gammal j0 j1 jv i0 i1 iv real imag angle complex conj
    complex_from_polar second maximum minimum add sub mul true_div int_div mod pow clip
"""


def _op(name: str) -> Elemwise:
    scalar_name = SCALAR_NAMES.get(name, name)
    return Elemwise(getattr(scal, scalar_name), name=f"Elemwise{{{scalar_name},no_inplace}}")


globals().update({name: _op(name) for name in _NAMES.split()})

#: NumPy's names
where, square, fill, floor_div = (globals()[name] for name in ("switch", "sqr", "second", "int_div"))
bitwise_and, bitwise_or, bitwise_xor, bitwise_not = (globals()[name] for name in ("and_", "or_", "xor", "invert"))
tensor_copy = Elemwise(scal.identity, name="Elemwise{identity}")

__all__ = [
    *_NAMES.split(),
    *("where", "square", "fill", "floor_div", "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not", "tensor_copy"),
]
