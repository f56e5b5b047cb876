"""Names of types that signatures of several rooms have in common.

SciPy has no types for its sparse arrays, and PyTensor's say little of what an expression can do: where one of these is
meant the name says it to the reader, and the checker takes it as it is.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np

__all__ = ["Callback", "File", "Matrix", "Seed", "Symbol", "Texts"]

#: A path.
File: TypeAlias = str | os.PathLike[str]
#: An array, or a scipy.sparse array or matrix.
Matrix: TypeAlias = Any
#: A PyTensor variable, or numbers that become one.
Symbol: TypeAlias = Any
#: What random numbers begin with; None: something new each time.
Seed: TypeAlias = int | np.random.Generator | None
#: What training calls after each epoch with its number, the loss and the seconds; true stops it.
Callback: TypeAlias = Callable[[int, float, float], object]
#: Texts as lists of words.
Texts: TypeAlias = Iterable[list[str]]
