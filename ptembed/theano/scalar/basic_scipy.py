"""Special functions of scalars."""

from pytensor.scalar.math import (
    I0,
    I1,
    J0,
    J1,
    Erf,
    Erfc,
    Erfcinv,
    Erfcx,
    Erfinv,
    Gamma,
    GammaInc,
    GammaIncC,
    GammaLn,
    Jv,
    Psi,
    TriGamma,
    erf,
    erfc,
    erfcinv,
    erfcx,
    erfinv,
    gamma,
    gammainc,
    gammaincc,
    gammaln,
    i0,
    i1,
    j0,
    j1,
    jv,
    psi,
    tri_gamma,
)

from ptembed.theano.scalar.basic import (
    BinaryScalarOp,
    UnaryScalarOp,
    complex_types,
    discrete_types,
    exp,
    float_types,
    upcast,
    upgrade_to_float,
    upgrade_to_float64,
    upgrade_to_float_no_complex,
)
from ptembed.theano.scalar.special import Chi2SF, GammaL, GammaU, Iv, chi2sf, gammal, gammau, iv

imported_scipy_special = True
