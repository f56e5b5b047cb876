r"""How far W is from what dense training in float64 gives, against the steps of squared error taken.

The update as published (Vincent, de Brébisson & Bouthillier, 2015) multiplies :math:`U` by :math:`P = I - S H^T H` in
each step and its inverse by :math:`P^{-1}`; the error of :math:`W = V U` grows with their condition number. Their
cure is to multiply :math:`U` into :math:`V` now and then, one pass over all of :math:`V`. Both are written here in
NumPy, beside a dense layer and ptembed's.
"""

import numpy as np

from ptembed.bench.factored_sides import Examples, factored

__all__ = ["errors"]

DTYPES = "float32", "float64"


def errors(D, d, m, steps, points=25):
    """Train all forms on the same examples, whose targets are drawn evenly.

    Parameters
    ----------
    D, d, m : int
        Outputs, numbers of a hidden layer, examples of a step.
    steps : int
        How many there are.
    points : int
        How often, over the logarithm of the steps, W is looked at.

    Returns
    -------
    taken : int array
        The steps after which W was looked at.
    found : dict
        For the name of each form, its largest error then, as part of the largest number of W.
    """
    examples = {dtype: Examples(D, d, m, n=1000, dtype=dtype) for dtype in DTYPES}
    for same in examples.values():
        same.targets = np.random.default_rng(1).integers(0, D, same.targets.shape)
    taken = np.unique(np.geomspace(1, steps, points).astype(int))
    exact = list(_course(Dense(examples["float64"]), taken))
    forms = {"dense, float32": Dense(examples["float32"])}
    for dtype in DTYPES:
        forms[f"as published, {dtype}"] = Published(examples[dtype])
        forms[f"refactorised, {dtype}"] = Published(examples[dtype], {"float32": 30, "float64": 1e4}[dtype])
        forms[f"ptembed, {dtype}"] = Ours(examples[dtype])
    return taken, {name: _errors(form, taken, exact) for name, form in forms.items()}


class Dense:
    """The layer as one matrix."""

    def __init__(self, examples):
        self.examples, self.matrix = examples, examples.W.copy()
        self.rate = np.asarray(2 * examples.eta / examples.m, examples.W.dtype)

    def W(self):
        return self.matrix

    def step(self, i):
        H, targets = self.examples.H[i], self.examples.targets[i]
        G = self.matrix @ H.T
        np.subtract.at(G, (targets, np.arange(len(H))), 1)
        self.matrix -= self.rate * (G @ H)


class Published:
    """W = V U; multiplied out where the condition number of U is larger than ``limit``."""

    def __init__(self, examples, limit=np.inf):
        self.examples, self.limit, self.V = examples, limit, examples.W.copy()
        self.U = np.eye(examples.W.shape[1], dtype=examples.W.dtype)
        self.inverse = self.U.copy()
        self.rate = np.asarray(2 * examples.eta / examples.m, examples.W.dtype)

    def W(self):
        return self.V @ self.U

    def step(self, i):
        H, targets = self.examples.H[i], self.examples.targets[i]
        A = np.eye(len(H), dtype=H.dtype) - self.rate * (H @ H.T)
        R = np.linalg.solve(A, H @ self.inverse)
        self.U -= self.rate * (H @ self.U.T).T @ H
        self.inverse += self.rate * H.T @ R
        np.add.at(self.V, targets, self.rate * R)
        if np.linalg.norm(self.U) * np.linalg.norm(self.inverse) > self.limit + len(self.U):
            self.V, self.U = self.W(), np.eye(len(self.U), dtype=self.U.dtype)
            self.inverse = self.U.copy()


class Ours:
    """ptembed's layer."""

    def __init__(self, examples):
        side = factored(examples)
        self.examples, self.step, self.layer = examples, side.step, side.layer

    def W(self):
        return self.layer.to_dense()[0]


def _errors(form, taken, exact):
    with np.errstate(all="ignore"):
        course = list(_course(form, taken))
    found = [np.abs(W - W64).max() / np.abs(W64).max() for W, W64 in zip(course, exact, strict=True)]
    return np.where(np.isfinite(found), found, np.inf)


def _course(form, taken):
    """Give W after each of the numbers of steps."""
    done = 0
    for n in taken:
        for t in range(done, n):
            form.step(t % len(form.examples.H))
        done = n
        yield form.W().astype("float64")
