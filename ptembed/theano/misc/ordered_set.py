"""A set that keeps its order."""

from pytensor.misc.ordered_set import OrderedSet
