"""The update of rank one by SciPy's BLAS."""

from scipy.linalg import blas as fblas

from ptembed.theano.tensor.blas import Ger, ger, ger_destructive, have_fblas

__all__ = ["ScipyGer", "scipy_ger_inplace", "scipy_ger_no_inplace"]

ScipyGer = Ger
scipy_ger_no_inplace = ger
scipy_ger_inplace = ger_destructive
