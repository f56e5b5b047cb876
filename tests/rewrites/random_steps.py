"""Random training steps: graphs that read, combine and write rows in ways that nobody thought of."""

import random

import numpy as np
import pytensor
import pytensor.tensor as pt

from ptembed.ops import distinct

ONE = [
    pt.sigmoid,
    pt.tanh,
    pt.sqr,
    pt.softplus,
    abs,
    lambda x: -x,
    lambda x: 2 * x,
    lambda x: pt.switch(x > 0, x, x / 9),
]
TWO = [lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a - b]


class Step:
    """Inputs with values, outputs and updates of one random step."""

    def __init__(self, seed):
        self.pick, self.rng = random.Random(seed), np.random.default_rng(seed)
        self.N, self.d = (int(n) for n in self.rng.integers((3, 1), (8, 6)))
        self.m, self.q = (int(n) for n in self.rng.integers((0, 1), (6, 4)))
        self.dtype = self.pick.choice(["float64", "float64", "float32"])
        self.W, self.V = (self.shared(name, self.N, self.d) for name in "WV")
        self.b, self.u = self.shared("b", self.N), self.shared("u", self.d)
        self.values = {}
        self.i, self.j = (self.ids(name, (self.m,)) for name in "ij")
        self.k, self.s = self.ids("k", (self.m, self.q)), self.ids("s", ())
        self.X = pt.matrix("X", dtype=self.dtype)
        self.values[self.X] = self.rng.normal(size=(self.m, self.d)).astype(self.dtype)
        self.read()
        for _ in range(self.pick.randint(3, 9)):
            self.combine()
        self.loss = sum(self.term() for _ in range(self.pick.randint(1, 3)))
        self.outputs = [self.loss, *self.pick.sample(self.matrices + self.vectors + self.rows, self.pick.randint(0, 2))]
        self.updates = self.write()

    def shared(self, name, *shape):
        return pytensor.shared(self.rng.normal(size=shape).astype(self.dtype), name=name)

    def ids(self, name, shape):
        dtype = self.pick.choice(["int64", "int32", "uint8"])
        var = pt.tensor(name, dtype=dtype, shape=(None,) * len(shape))
        low = 0 if dtype == "uint8" else -self.N
        self.values[var] = np.asarray(self.rng.integers(low, self.N, shape), dtype)
        return var

    def read(self):
        W, k = self.W, self.k
        self.matrices, self.vectors = [W[self.i], self.V[self.j], self.X], [self.b[self.i], self.b[self.j]]
        self.rows, self.part = [W[self.s], self.V[self.s], self.u], None
        self.groups = W[k]
        if self.pick.random() < 0.6:
            self.ids_read, where = distinct(k.ravel(), W.shape[0])
            self.part = W[self.ids_read]
            self.groups = self.part[where].reshape((*k.shape, W.shape[1]), ndim=3)
        self.matrices += [self.groups[:, c] for c in range(self.q)]

    def combine(self):
        pick, matrices, vectors, rows = self.pick.choice, self.matrices, self.vectors, self.rows
        case = self.pick.randint(0, 9)
        if case == 0:
            matrices.append(pick(ONE)(pick(matrices)))
        elif case == 1:
            matrices.append(pick(TWO)(pick(matrices), pick(matrices)))
        elif case == 2:
            vectors.append(pick(matrices).sum(axis=1))
        elif case == 3:
            vectors.append(pick(TWO)(pick(vectors), pick(vectors)))
        elif case == 4:
            matrices.append(pick(matrices) * pick(vectors)[:, None])
        elif case == 5:
            vectors.append(pick(ONE)(pick(vectors)))
        elif case == 6:
            rows.append(pick(TWO)(pick(rows), pick(rows)))
        elif case == 7:
            matrices.append(pick(matrices) + pick(rows))
        elif case == 8:
            vectors.append(pick(ONE)((pick(matrices)[:, None] * self.groups).sum(axis=2)).sum(axis=1))
        else:
            matrices.append(pick(ONE)(self.groups).sum(axis=1))

    def term(self):
        pick = self.pick.choice
        return pick(
            [
                lambda: pick(self.matrices).sum(),
                lambda: pick(self.vectors).sum(),
                lambda: (pick(self.rows) * pick(self.rows)).sum(),
                lambda: pt.sqr(pick(self.matrices).sum(axis=0)).sum(),
            ]
        )()

    def write(self):
        rate, chance = np.asarray(0.01, self.dtype), self.pick.random
        updates = {}
        if self.part is not None and chance() < 0.7:
            g = self.gradient(self.part)
            sets = chance() < 0.5
            new = pt.set_subtensor(self.part, self.part - rate * g) if sets else pt.inc_subtensor(self.part, -rate * g)
            updates[self.W] = new
            if chance() < 0.5:
                old = self.V[self.ids_read]
                updates[self.V] = pt.set_subtensor(old, rate * old + g**2)
        elif chance() < 0.4:
            updates[self.W] = self.W - rate * self.gradient(self.W)
        elif chance() < 0.5:
            updates[self.W] = pt.inc_subtensor(self.W[self.i], -rate * self.X)
            updates[self.b] = pt.set_subtensor(self.b[self.j], 2 * self.b[self.i])
        elif chance() < 0.7:
            updates[self.W] = pt.inc_subtensor(pt.inc_subtensor(self.W[self.s], rate * self.u)[self.s], self.W[self.s])
        for dense in (self.u, self.b):
            if dense not in updates and chance() < 0.4:
                updates[dense] = dense - rate * self.gradient(dense)
        return {var: pt.cast(new, self.dtype) for var, new in updates.items()}

    def gradient(self, var):
        return pytensor.grad(self.loss, var, disconnected_inputs="ignore")

    def run(self, mode):
        """Compile and call from the beginning; gives the function, and all that it returns and leaves behind."""
        shared = [self.W, self.V, self.b, self.u]
        before = [var.get_value() for var in shared]
        inputs = list(self.values)
        f = pytensor.function(inputs, self.outputs, updates=self.updates, mode=mode, on_unused_input="ignore")
        results = [np.asarray(x) for x in f(*(self.values[v] for v in inputs))]
        results += [var.get_value() for var in shared]
        for var, value in zip(shared, before, strict=True):
            var.set_value(value)
        return f, results
