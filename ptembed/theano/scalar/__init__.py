"""Scalars."""

from ptembed.theano.scalar import basic, basic_scipy, sharedvar
from ptembed.theano.scalar.basic import *
from ptembed.theano.scalar.basic_scipy import *
