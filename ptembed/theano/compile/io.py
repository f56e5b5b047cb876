"""Inputs and outputs of compiled functions."""

from pytensor.compile.io import In, Out, SymbolicInput, SymbolicOutput, _logger
