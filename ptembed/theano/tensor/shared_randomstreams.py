"""Streams of random numbers whose states are shared variables, and move on with each call of a function.

The seed of a ``RandomStreams`` seeds a generator of seeds: each expression that is drawn has a stream of its own.
"""

import copy

import numpy as np

from ptembed._pytensor import without_deprecations
from ptembed.theano.compile.sharedvalue import SharedVariable, shared, shared_constructor
from ptembed.theano.tensor import raw_random

__all__ = ["RandomStateSharedVariable", "RandomStreams", "randomstate_constructor"]


class RandomStateSharedVariable(SharedVariable):
    """A shared variable whose value is a ``numpy.random.RandomState``."""


@shared_constructor
def randomstate_constructor(value, name=None, strict=False, allow_downcast=None, borrow=False):
    """Make a shared variable of a ``numpy.random.RandomState``, of a copy of it unless ``borrow``.

    Raises
    ------
    TypeError
        If ``value`` is no RandomState.
    """
    if not isinstance(value, np.random.RandomState):
        raise TypeError(f"value must be a numpy.random.RandomState, got {type(value).__name__}.")
    return RandomStateSharedVariable(
        type=raw_random.random_state_type,
        value=value if borrow else copy.deepcopy(value),
        name=name,
        strict=strict,
        allow_downcast=allow_downcast,
    )


def _seeded(seeds) -> np.random.RandomState:
    return np.random.RandomState(int(seeds.randint(2**30)))


class RandomStreams(raw_random.RandomStreamsBase):
    """Random numbers as expressions: ``srng.uniform((2, 3))``.

    A compiled function that uses the expression draws anew at each call. ``.rng`` of an expression is the shared
    variable with its state, ``.update`` the pair of it and its next value.

    Parameters
    ----------
    seed : int, optional
        In [0, 2**32); of the system's making by default.

    Attributes
    ----------
    state_updates : list of pairs
        The state of each stream and its next value, in the order in which they were made.
    """

    def __init__(self, seed=None):
        self.state_updates = []
        self.default_instance_seed = seed
        self.gen_seedgen = np.random.RandomState(seed)

    def updates(self):
        """A list of the pairs in ``state_updates``."""
        return list(self.state_updates)

    def seed(self, seed=None):
        """Start all streams made so far anew, from ``seed`` or from that of the constructor."""
        seeds = np.random.RandomState(self.default_instance_seed if seed is None else seed)
        for state, _ in self.state_updates:
            state.set_value(_seeded(seeds), borrow=True)

    def __getitem__(self, item):
        """The ``numpy.random.RandomState`` in the shared variable ``item``, which is the ``.rng`` of an expression."""
        return item.get_value(borrow=True)

    def __setitem__(self, item, val):
        """Put the ``numpy.random.RandomState`` ``val`` into the shared variable ``item``."""
        item.set_value(val, borrow=True)

    def gen(self, op, *args, **kwargs):
        """Make a stream, and the expression ``op(state, *args, **kwargs)`` that draws from it.

        Parameters
        ----------
        op : callable
            Gives the next state and the numbers: a function of :mod:`raw_random` or a ``RandomFunction``.

        Returns
        -------
        tensor variable
        """
        state = shared(_seeded(self.gen_seedgen))
        state.tag.is_rng = True
        after, numbers = op(state, *args, **kwargs)
        numbers.rng = state
        numbers.update = (state, after)
        self.state_updates.append(numbers.update)
        with without_deprecations():
            state.default_update = after
        return numbers
