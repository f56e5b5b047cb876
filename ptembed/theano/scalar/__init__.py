"""Scalars."""

from ptembed.theano.scalar import basic, basic_scipy, sharedvar

# isort: split
from ptembed.theano.scalar.basic import *
from ptembed.theano.scalar.basic_scipy import *

__getattr__ = basic.__getattr__
