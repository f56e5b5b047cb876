"""Random streams of NumPy's Mersenne Twister."""

__all__ = ["RandomStreams"]


class RandomStreams:
    """Not served yet.

    Raises
    ------
    NotImplementedError
        When it is made.
    """

    def __init__(self, *args, **kwargs):
        raise NotImplementedError(
            "theano.tensor.shared_randomstreams.RandomStreams is not served yet: use "
            "pytensor.tensor.random.RandomStream."
        )
