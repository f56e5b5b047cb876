"""Max-pooling by 2 x 2 and its gradient beside torch and real Theano 1.0.5, at the sizes of LeNet's two layers.

All sides pool arrays of float32, one thread each; torch's results must be ours before it is timed. Sides take turns,
round by round; Theano runs in a process of its own.

Read next: :mod:`ptembed.ops.pooling_loops`.
"""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytensor
import pytensor.tensor as pt

from ptembed.bench.theano_process import environment
from ptembed.bench.timing import ratio
from ptembed.ops.pooling import MaxPoolGrad, Pool

__all__ = ["SHAPES", "Figure", "figures"]

SHAPES = ((128, 20, 24, 24), (128, 50, 8, 8))
FORWARD, GRADIENT, BOTH = "the largest", "the gradient by them", "both"
BOUNDS = {"torch": 1.5, "Theano 1.0.5": 1.0}


@dataclass(frozen=True)
class Figure:
    """One thing that two sides compute, timed.

    Attributes
    ----------
    what : str
    peer : str
    ours, theirs : array, shape (rounds,)
        Seconds of a call.
    bound : float
        How many times as long ours may take.
    """

    what: str
    peer: str
    ours: np.ndarray
    theirs: np.ndarray
    bound: float

    @property
    def ratio(self):
        """How many times as long ours takes as theirs, the median over the rounds."""
        return ratio(self.ours, self.theirs)

    @property
    def met(self):
        """Whether the ratio is within the bound."""
        return self.ratio <= self.bound


def figures(rounds=11, calls=9, python37=None, shapes=SHAPES):
    """Time all sides that are here.

    Parameters
    ----------
    rounds, calls : int, optional
        Turns of each side, and calls in one of them, of which the median counts.
    python37 : str, optional
        A Python that has Theano 1.0.5.
    shapes : tuple of shapes, optional

    Returns
    -------
    list of Figure
        Without those of a peer that is not here.

    Raises
    ------
    RuntimeError
        When torch gives other numbers.
    """
    results = [figure for shape in shapes for figure in _beside_torch(rounds, calls, shape)]
    return results + (_beside_theano(rounds, calls, python37, shapes) if python37 else [])


def _beside_torch(rounds, calls, shape):
    x, g = _arrays(shape)
    ours, theirs = _ours(x, g), _torch(x, g)
    for what in theirs:
        if not all(np.array_equal(a, b) for a, b in zip(ours[what](), theirs[what](), strict=True)):
            raise RuntimeError(f"both sides must compute the same, but {what} differs between ptembed and torch")
    turns = [[[_seconds(side[what], calls) for what in theirs] for side in (ours, theirs)] for _ in range(rounds)]
    return _compared("torch", shape, list(theirs), turns)


def _arrays(shape):
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape, np.float32)
    return x, rng.standard_normal((*shape[:2], shape[2] // 2, shape[3] // 2), np.float32)


def _ours(x, g):
    x, g = pytensor.shared(x, borrow=True), pytensor.shared(g, borrow=True)
    y = Pool(True)(x, (2, 2))
    z = pytensor.shared(y.eval(), borrow=True)
    outputs = {
        FORWARD: [y],
        GRADIENT: [MaxPoolGrad(True)(x, z, g, (2, 2))],
        BOTH: [y, pt.grad((y * g).sum(), x)],
    }
    return {what: pytensor.function([], v, mode="NUMBA") for what, v in outputs.items()}


def _torch(x, g):
    try:
        import torch
    except ImportError:
        return {}
    torch.set_num_threads(1)
    pool = torch.nn.functional.max_pool2d
    x, g = torch.from_numpy(x).requires_grad_(), torch.from_numpy(g)
    y = pool(x, 2)

    def both():
        z = pool(x, 2)
        return [z.detach(), *torch.autograd.grad(z, x, g)]

    return {
        FORWARD: lambda: [pool(x, 2).detach()],
        GRADIENT: lambda: torch.autograd.grad(y, x, g, retain_graph=True),
        BOTH: both,
    }


def _seconds(call, calls):
    seconds = []
    for _ in range(calls):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))


def _compared(peer, shape, works, turns):
    """Make figures of the seconds of ``turns``: of each round, side and work."""
    name = f"max-pooling by 2 x 2 of {' x '.join(map(str, shape))}"
    taken = np.array(turns).T
    return [Figure(f"{name}: {what}", peer, *sides, BOUNDS[peer]) for what, sides in zip(works, taken, strict=True)]


def _beside_theano(rounds, calls, python37, shapes):
    script = Path(__file__).with_name("theano_pooling.py")
    call = [python37, "-W", "ignore", script, str(calls), *("x".join(map(str, shape)) for shape in shapes)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    functions = [_ours(*_arrays(shape)) for shape in shapes]
    works, turns = (FORWARD, BOTH), []
    with subprocess.Popen(call, text=True, env=environment(python37), **pipes) as process:
        peer = f"Theano {json.loads(process.stdout.readline())['ready']}"
        for _ in range(rounds):
            print(file=process.stdin, flush=True)
            theirs = json.loads(process.stdout.readline())["seconds"]
            turns.append([[[_seconds(f[what], calls) for what in works] for f in functions], theirs])
        process.stdin.close()
    by_shape = np.array(turns).transpose(2, 0, 1, 3)
    return [f for shape, part in zip(shapes, by_shape, strict=True) for f in _compared(peer, shape, works, part)]
