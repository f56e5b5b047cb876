"""What is looked at while a long run goes on: resident memory, invariants, and the worst of what has a bound."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

__all__ = ["Watch", "resident"]

ROLLUP = Path("/proc/self/smaps_rollup")  # counted page by page, where /proc/PID/statm may be behind
WARM = 10  # a tenth of the checks: caches fill, and rows are touched that were not before


def resident():
    """Kilobytes of memory that this process holds; None where the system does not tell."""
    try:
        lines = ROLLUP.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("Rss:")), None)


@dataclass
class Watch:
    """The course of a run.

    Attributes
    ----------
    name : str
    steps : int
        Taken so far.
    seconds : float
        Of the processor, without the checks.
    memory : list of int
        Kilobytes at each check.
    broken : list of str
        Invariants that did not hold: which, and after how many steps.
    worst : dict
        For each quantity that has a bound the largest value seen.
    """

    name: str
    steps: int = 0
    seconds: float = 0.0
    memory: list = field(default_factory=list)
    broken: list = field(default_factory=list)
    worst: dict = field(default_factory=dict)
    checks: int = 0  # at how many moments something was looked at

    def check(self, **invariants):
        """Note the memory, and which of the invariants, given as booleans, do not hold."""
        self.memory.append(resident())
        self.confirm(**invariants)

    def confirm(self, **invariants):
        """Note which of the invariants do not hold, alone."""
        self.checks += 1
        wrong = [name.replace("_", " ") for name, holds in invariants.items() if not holds]
        self.broken += [f"{name}, after {self.steps:,} steps" for name in wrong]

    def bound(self, name, value, limit):
        """Keep the largest value, and tell whether it is within its limit."""
        self.worst[name] = max(self.worst.get(name, 0.0), float(value)) if np.isfinite(value) else np.inf
        return bool(value <= limit)

    def growth(self):
        """The slope of memory by least squares over the run, as part of what the run began with; None if unknown."""
        taken = np.array([m for m in self.memory[len(self.memory) // WARM :] if m is not None], float)
        if len(taken) < 2:
            return None
        return float(np.polyfit(np.arange(len(taken)), taken, 1)[0] * (len(taken) - 1) / taken[0])
