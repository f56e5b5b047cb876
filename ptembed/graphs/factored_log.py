"""The log of a factored output layer as shared variables; :mod:`ptembed.ops.factored_log` has what is done with it."""

from typing import Any

import numpy as np
import pytensor

from ptembed.kinds import Symbol
from ptembed.ops import factored_log as ops

__all__ = ["FactorLog"]

GENERATIONS, ENTRIES, DIRECTIONS = 16, 128, 8
WIDE = 32, 2, 1  # the same with momentum, where all entries are whole ones
FOLLOWED = 4  # directions


class FactorLog:
    """What is still to be done to the rows of the large factor.

    Parameters
    ----------
    D, d : int
        Outputs and columns of the layer.
    dtype : str
        Of the large factor.
    momentum : bool
        Whether the layer has momentum.

    Attributes
    ----------
    stamps : shared int32 vector, shape (D,)
        How many entries of the log each row has seen.
    arrays : list of shared variables
        ``Z``, ``M``, ``sizes``, ``S``, ``X``, ``count`` and ``closed``.
    """

    def __init__(self, D: int, d: Symbol, dtype: Any, momentum: bool = False) -> None:
        G, L, R = WIDE if momentum else (GENERATIONS, ENTRIES, min(DIRECTIONS, d))
        n = 1 if momentum else min(FOLLOWED, -(-d // 2))
        X = np.linalg.qr(np.random.default_rng(0).normal(size=(d, n)))[0].T
        values = {
            "stamps": np.zeros(D, "int32"),
            "Z": np.zeros((G, R, d), dtype),
            "M": np.zeros((G, L, R, d), dtype),
            "sizes": np.zeros((G, 2), "int64"),
            "S": np.tile(np.eye(d, dtype=dtype), (G + 1, 1, 1)),
            "X": np.ascontiguousarray(X, dtype),
            "count": np.zeros(len(ops.COUNTS), "int64"),
            "closed": np.zeros(G, "int64"),
        }
        self.stamps, *self.arrays = (pytensor.shared(x, name=f"log.{name}", borrow=True) for name, x in values.items())

    @property
    def shared(self) -> list[Any]:
        """All shared variables: ``stamps`` and ``arrays``."""
        return [self.stamps, *self.arrays]

    def now(self) -> int:
        """The stamp of a row that is as the factors are."""
        return int(self.arrays[5].get_value(borrow=True)[ops.NOW])

    def bring_forward(self, rows: Symbol, stamps: Symbol) -> None:
        """Bring rows (n, d) of the large factor forward in place, from their ``stamps`` (n,)."""
        ops.bring_forward(rows, stamps, tuple(x.get_value(borrow=True) for x in self.arrays))

    def clear(self) -> None:
        """Forget all entries and set all stamps back: for a large factor whose rows are all up to date."""
        for x in (self.stamps, self.arrays[2], *self.arrays[5:]):
            x.get_value(borrow=True)[...] = 0
        S = self.arrays[3].get_value(borrow=True)
        S[...] = np.eye(S.shape[1])
