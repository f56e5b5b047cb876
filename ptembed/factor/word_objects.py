"""Words as numbers where equal words are mostly one object, as loaders and `sys.intern` make them.

To look a word up in a dictionary takes four reads from anywhere in memory: the word, a slot, an entry, the number. Of
words that are objects of their own, as `str.split` gives them, nothing of that can be saved. Where equal words are one
object, objects are numbered by their address, one read each, and the dictionary is asked once for each object.

Read next: :mod:`ptembed.factor.vocabulary`.
"""

import ctypes
from itertools import chain, islice
from typing import Any

import numpy as np
from numba import njit

__all__ = ["looked_up"]

SAMPLE = 10_000  # words by which it is decided
FIRST_SIZE = 4096  # slots
SPREAD = -7046029254386353131  # 2^64 over the golden ratio: multiples differ in their upper bits


def looked_up(words: Any, n: Any, look_up: Any) -> np.ndarray:
    """Give ``look_up(word)`` for each of ``n`` words, int32 array, shape (n,).

    Parameters
    ----------
    words : iterable
    n : int
    look_up : callable
        Gives an int, the same for equal words; asked at least once for each word, in the order of their first use.

    Examples
    --------
    >>> looked_up(["a", "b", "a"], 3, {"a": 7, "b": 8}.get)
    array([7, 8, 7], dtype=int32)
    """
    words = iter(words)
    sample = list(islice(words, SAMPLE))
    words = chain(sample, words)
    if 2 * len(set(map(id, sample))) > len(sample):
        return np.fromiter(map(look_up, words), np.int32, n)
    held = np.fromiter(words, object, n)  # while it is there no address is given to another object
    addresses = np.frombuffer((ctypes.c_ssize_t * n).from_address(held.ctypes.data), np.intp)
    numbers, firsts = numbered_by_address(addresses)
    return np.fromiter(map(look_up, held[firsts]), np.int32, len(firsts))[numbers]


@njit(nogil=True, cache=True)
def numbered_by_address(addresses):
    """Give the number of each address and the place where each number is used first."""
    numbers, firsts, many = np.empty(len(addresses), np.int32), np.empty(len(addresses), np.int64), 0
    table = np.zeros((FIRST_SIZE, 2), np.int64)
    for i in range(len(addresses)):
        slot = slot_of(addresses[i], table)
        if table[slot, 0] == 0:
            table[slot, 0], table[slot, 1], firsts[many] = addresses[i], many, i
            many += 1
        numbers[i] = table[slot, 1]
        if 2 * many > len(table):
            table = widened(table)
    return numbers, firsts[:many].copy()


@njit(nogil=True, cache=True)
def slot_of(address, table):
    """Give the slot that has an address, or the empty one where it belongs."""
    last = len(table) - 1
    slot = (address * SPREAD >> 32) & last
    while table[slot, 0] != 0 and table[slot, 0] != address:
        slot = (slot + 1) & last
    return slot


@njit(nogil=True, cache=True)
def widened(table):
    """Give a table of four times as many slots with the same addresses."""
    wide = np.zeros((4 * len(table), 2), np.int64)
    for line in table:
        if line[0] != 0:
            wide[slot_of(line[0], wide)] = line
    return wide
