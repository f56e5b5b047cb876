"""Random streams of the generator MRG31k3p."""

__all__ = ["MRG_RandomStreams"]


class MRG_RandomStreams:
    """Not served yet.

    Raises
    ------
    NotImplementedError
        When it is made.
    """

    def __init__(self, *args, **kwargs):
        raise NotImplementedError(
            "theano.sandbox.rng_mrg.MRG_RandomStreams is not served yet: use pytensor.tensor.random.RandomStream."
        )
