"""Ops that work element by element, and reductions."""

from pytensor.tensor.elemwise import CAReduce, DimShuffle, DimShufflePrinter, Elemwise
from pytensor.tensor.math import All, Any, MulWithoutZeros, Prod, ProdWithoutZeros, Sum, mul_without_zeros
