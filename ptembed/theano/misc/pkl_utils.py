"""Pickles of functions and shared variables."""

from pytensor.misc.pkl_utils import Pickler, StripPickler, min_recursion
