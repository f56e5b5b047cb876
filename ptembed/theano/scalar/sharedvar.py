"""Shared scalars, which are no arrays; :func:`theano.shared` makes arrays of no dimensions."""

from pytensor.compile.sharedvalue import SharedVariable
from pytensor.scalar.sharedvar import ScalarSharedVariable, shared

from ptembed.theano.scalar.basic import Scalar, _scalar_py_operators
