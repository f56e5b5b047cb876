"""Random streams of NumPy's Mersenne Twister; not served yet."""

from ptembed.theano._later import not_yet

__all__ = ["RandomStreams"]

RandomStreams = not_yet("theano.tensor.shared_randomstreams.RandomStreams", "pytensor.tensor.random.RandomStream")
