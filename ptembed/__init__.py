"""Theano programs and embedding recipes, on PyTensor."""

__version__ = "0.1.0"
