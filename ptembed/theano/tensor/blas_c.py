"""Updates of rank one and products with a vector: in Theano by C code, here the Ops of :mod:`~theano.tensor.blas`."""

from ptembed.theano.tensor.blas import Gemv, Ger, gemv_inplace, gemv_no_inplace, ger, ger_destructive, ldflags

__all__ = ["CGemv", "CGer", "cgemv_inplace", "cgemv_no_inplace", "cger_inplace", "cger_no_inplace"]

CGer = Ger
cger_no_inplace = ger
cger_inplace = ger_destructive
CGemv = Gemv
cgemv_no_inplace = gemv_no_inplace
cgemv_inplace = gemv_inplace
