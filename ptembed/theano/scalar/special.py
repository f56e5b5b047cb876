"""Special functions of scalars that PyTensor has not, or only as expressions, as Ops of their own.

As Ops they have Theano's names and dtypes, and in-place forms. ``c_code`` is left out: the C linker calls SciPy.
"""

import numpy as np
import scipy
from pytensor.gradient import grad_not_implemented
from pytensor.scalar import basic as ps
from pytensor.scalar import math as pm

__all__ = ["Chi2SF", "GammaL", "GammaU", "Iv", "chi2sf", "gammal", "gammau", "iv"]


class _TwoInputs(ps.BinaryScalarOp):
    def c_code(self, *args, **kwargs):
        raise NotImplementedError(f"{self} has no C code.")


class Chi2SF(_TwoInputs):
    """The survival function of the chi-squared distribution with ``k`` degrees of freedom, at ``x``."""

    def impl(self, x, k):
        return scipy.special.chdtrc(k, x)

    def pullback(self, inputs, outputs, cotangents):
        (x, k), (gz,) = inputs, cotangents
        half = k / np.float32(2)
        density = ps.exp((half - 1) * ps.log(x) - x / np.float32(2) - half * np.log(2.0) - pm.gammaln(half))
        return [-gz * density, grad_not_implemented(self, 1, k)]


class GammaU(_TwoInputs):
    """The upper incomplete gamma function, the integral of ``t^(k-1) e^-t`` from ``x`` to infinity."""

    sign = -1

    def impl(self, k, x):
        return scipy.special.gammaincc(k, x) * scipy.special.gamma(k)

    def pullback(self, inputs, outputs, cotangents):
        (k, x), (gz,) = inputs, cotangents
        return [grad_not_implemented(self, 0, k), self.sign * gz * ps.pow(x, k - 1) * ps.exp(-x)]


class GammaL(GammaU):
    """The lower incomplete gamma function, the integral of ``t^(k-1) e^-t`` from 0 to ``x``."""

    sign = 1

    def impl(self, k, x):
        return scipy.special.gammainc(k, x) * scipy.special.gamma(k)


class Iv(_TwoInputs):
    """The modified Bessel function of the first kind, of order ``v``, at ``x``.

    Its derivative by ``x`` is ``(I_{v-1} + I_{v+1}) / 2`` (Abramowitz and Stegun, 1964, 9.6.26).
    """

    def impl(self, v, x):
        return scipy.special.iv(v, x)

    def pullback(self, inputs, outputs, cotangents):
        (v, x), (gz,) = inputs, cotangents
        return [grad_not_implemented(self, 0, v), gz * (self(v - 1, x) + self(v + 1, x)) / np.float32(2)]


chi2sf = Chi2SF(ps.upgrade_to_float64, name="chi2sf")
gammau = GammaU(ps.upgrade_to_float, name="gammau")
gammal = GammaL(ps.upgrade_to_float, name="gammal")
iv = Iv(ps.upgrade_to_float, name="iv")
