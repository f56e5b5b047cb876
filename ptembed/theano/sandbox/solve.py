"""``solve`` is in :mod:`ptembed.theano.tensor.slinalg`."""

from ptembed.theano.tensor.slinalg import solve
