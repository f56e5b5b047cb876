"""Pooling and convolution of signals; not served yet."""

from ptembed.theano.tensor.signal import pool
