"""The sigmoid and its kin."""

import pytensor.tensor as pt

__all__ = ["sigmoid", "softplus"]

sigmoid = pt.sigmoid
softplus = pt.softplus
