"""The convolutions of LeNet's two layers, forward and backward, beside torch and real Theano 1.0.5.

A call computes the result, the gradient by the kernels and, in the second layer, the gradient by the images, in
float32. torch's results must be ours before it is timed. Sides take turns, round by round; Theano runs in a process of
its own, with the OpenBLAS of its NumPy. One thread each, if OPENBLAS_NUM_THREADS=1 is set.

Read next: :mod:`ptembed.ops.convolution`.
"""

import json
import subprocess
import time
from pathlib import Path

import numpy as np
import pytensor
import pytensor.tensor as pt

from ptembed.bench.nets_pooling import Figure
from ptembed.bench.theano_process import blas_of_numpy, environment
from ptembed.ops.convolution import Convolution

__all__ = ["LAYERS", "figures"]

# images, channels, rows, columns, kernels, and a kernel's rows and columns
LAYERS = ((128, 1, 28, 28, 20, 5), (128, 20, 12, 12, 50, 5))
BOUNDS = {"torch": 2.0, "Theano 1.0.5": 1.0}
TOGETHER = "LeNet's convolutions, forward and backward"


def figures(rounds=11, calls=5, python37=None, layers=LAYERS):
    """Time all sides that are here.

    Parameters
    ----------
    rounds, calls : int, optional
        Turns of each side, and calls in one of them, of which the median counts.
    python37 : str, optional
        A Python that has Theano 1.0.5.
    layers : tuple, optional

    Returns
    -------
    list of Figure
        Of all layers together, without those of a peer that is not here.

    Raises
    ------
    RuntimeError
        When torch gives other numbers.
    """
    arrays = [_arrays(*layer) for layer in layers]
    ours = [_ours(*a) for a in arrays]
    theirs = [_torch(*a) for a in arrays]
    results = []
    if None not in theirs:
        _check(ours, theirs)
        results.append(_figure("torch", [[_seconds(side, calls) for side in (ours, theirs)] for _ in range(rounds)]))
    return results + ([_beside_theano(rounds, calls, python37, layers, ours)] if python37 else [])


def _arrays(B, C, rows, columns, F, k):
    rng = np.random.default_rng(0)
    shapes = (B, C, rows, columns), (F, C, k, k), (B, F, rows - k + 1, columns - k + 1)
    return [rng.standard_normal(shape, np.float32) for shape in shapes]


def _ours(*arrays):
    x, w, g = (pytensor.shared(a, borrow=True) for a in arrays)
    y = Convolution(filter_flip=True)(x, w)
    gradients = pt.grad(None, [w, x] if arrays[0].shape[1] > 1 else [w], known_grads={y: g})
    return pytensor.function([], [y, *gradients], mode="NUMBA")


def _torch(*arrays):
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    turned = np.ascontiguousarray(arrays[1][:, :, ::-1, ::-1])
    x, w, g = (torch.from_numpy(a) for a in (arrays[0], turned, arrays[2]))
    w.requires_grad_()
    wanted = [w, x.requires_grad_()] if x.shape[1] > 1 else [w]

    def call():
        y = torch.nn.functional.conv2d(x, w)
        return [y.detach(), *torch.autograd.grad(y, wanted, g)]

    return call


def _check(ours, theirs):
    for f, h in zip(ours, theirs, strict=True):
        y, by_kernels, *rest = map(np.asarray, h())
        expected = [y, by_kernels[:, :, ::-1, ::-1], *rest]
        if not all(np.allclose(a, b, rtol=1e-3, atol=1e-2) for a, b in zip(f(), expected, strict=True)):
            raise RuntimeError("both sides must compute the same, but a convolution differs between ptembed and torch")


def _seconds(functions, calls):
    taken = np.empty((calls, len(functions)))
    for c in range(calls):
        for i, f in enumerate(functions):
            start = time.perf_counter()
            f()
            taken[c, i] = time.perf_counter() - start
    return np.median(taken, axis=0)


def _figure(peer, turns):
    """Add up the seconds of the layers: ``turns`` has rounds, two sides and layers."""
    return Figure(TOGETHER, peer, *np.array(turns).sum(axis=2).T, BOUNDS[peer])


def _beside_theano(rounds, calls, python37, layers, ours):
    flags, settings = blas_of_numpy(python37)
    script = Path(__file__).with_name("theano_convolution.py")
    call = [python37, "-W", "ignore", script, str(calls), *("x".join(map(str, layer)) for layer in layers)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    turns, env = [], environment(python37, THEANO_FLAGS=flags, **settings)
    with subprocess.Popen(call, text=True, env=env, **pipes) as process:
        peer = f"Theano {json.loads(process.stdout.readline())['ready']}"
        for _ in range(rounds):
            print(file=process.stdin, flush=True)
            theirs = json.loads(process.stdout.readline())["seconds"]
            turns.append([_seconds(ours, calls), theirs])
        process.stdin.close()
    return _figure(peer, turns)
