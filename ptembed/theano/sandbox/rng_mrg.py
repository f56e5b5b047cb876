"""Random streams of the generator MRG31k3p; not served yet."""

from ptembed.theano._later import not_yet

__all__ = ["MRG_RandomStreams"]

MRG_RandomStreams = not_yet("theano.sandbox.rng_mrg.MRG_RandomStreams", "pytensor.tensor.random.RandomStream")
