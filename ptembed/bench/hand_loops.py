r"""The limit: a training step as somebody would write it by hand in Numba, for this loss and this optimizer alone.

The loss is :func:`ptembed.bench.row_sides.pair_logistic`. A step takes ``ids``, shape (m, 3), and is exact: all
gradients are taken at the values before the step, and those of a repeated row add. SGD needs no search for repeats,
since it subtracts gradient after gradient. The others find them with a table of N places that is kept between the
steps, and change each row once.

:func:`block_of` runs many steps in one call; :func:`one_by_one` is the loop without exact batches.
"""

import math

import numpy as np
from numba import njit

__all__ = ["adagrad", "adam", "block_of", "one_by_one", "rowwise_adagrad", "scratch", "sgd"]

hand_written = njit(fastmath=True, error_model="numpy")


def scratch(N, m, d):
    """What a step of ``m`` triples writes on: gradients, distinct rows, and the place of each of N rows among them."""
    return np.zeros((3 * m, d), np.float32), np.zeros(3 * m, np.int64), np.full(N, -1, np.int32)


def block_of(step):
    """A block of steps in one call: ``ids`` of shape (T, m, 3); the losses go into ``losses``, shape (T,)."""

    @hand_written
    def block(losses, ids, *state):
        for t in range(len(ids)):
            losses[t] = step(ids[t], *state)
        return losses

    return block


@hand_written
def factors(r, p, n):
    """The loss of a triple, and its derivative by both products."""
    one = np.float32(1)
    rp = rn = np.float32(0)
    for c in range(len(r)):
        rp += r[c] * p[c]
        rn += r[c] * n[c]
    a, b = np.exp(-rp), np.exp(rn)
    return np.log1p(a) + np.log1p(b), -a / (one + a), b / (one + b)


@hand_written
def one_triple(W, i, j, k, learning_rate):
    """A step on three rows that differ."""
    r, p, n = W[i], W[j], W[k]
    loss, gp, gn = factors(r, p, n)
    gp, gn = learning_rate * gp, learning_rate * gn
    for c in range(W.shape[1]):
        x, y, z = r[c], p[c], n[c]
        r[c] = x - (gp * y + gn * z)
        p[c] = y - gp * x
        n[c] = z - gn * x
    return loss


@hand_written
def one_by_one(ids, W, learning_rate):
    """Triple after triple, each on what the one before has written: online training, not the step of a batch."""
    loss = np.float32(0)
    for b in range(len(ids)):
        loss += one_triple(W, ids[b, 0], ids[b, 1], ids[b, 2], learning_rate)
    return loss


@hand_written
def sgd(ids, W, learning_rate, G):
    if len(ids) == 1 and ids[0, 0] != ids[0, 1] and ids[0, 0] != ids[0, 2] and ids[0, 1] != ids[0, 2]:
        return one_triple(W, ids[0, 0], ids[0, 1], ids[0, 2], learning_rate)
    loss = np.float32(0)
    for b in range(len(ids)):
        r, p, n = W[ids[b, 0]], W[ids[b, 1]], W[ids[b, 2]]
        one_loss, gp, gn = factors(r, p, n)
        loss += one_loss
        gr, gj, gk = G[3 * b], G[3 * b + 1], G[3 * b + 2]
        for c in range(W.shape[1]):
            gr[c] = gp * p[c] + gn * n[c]
            gj[c] = gp * r[c]
            gk[c] = gn * r[c]
    for b in range(len(ids)):
        for s in range(3):
            w, g = W[ids[b, s]], G[3 * b + s]
            for c in range(W.shape[1]):
                w[c] -= learning_rate * g[c]
    return loss


@hand_written
def summed(ids, W, G, rows, places):
    """The gradients of the distinct rows, into ``G[:k]``; their numbers go into ``rows[:k]``; gives the loss and k."""
    k = 0
    for b in range(len(ids)):
        for s in range(3):
            i = ids[b, s]
            if places[i] < 0:
                places[i] = k
                rows[k] = i
                k += 1
    G[:k] = 0
    loss = np.float32(0)
    for b in range(len(ids)):
        i, j, l = ids[b, 0], ids[b, 1], ids[b, 2]
        r, p, n = W[i], W[j], W[l]
        one_loss, gp, gn = factors(r, p, n)
        loss += one_loss
        gr, gj, gl = G[places[i]], G[places[j]], G[places[l]]
        for c in range(W.shape[1]):
            gr[c] += gp * p[c] + gn * n[c]
        for c in range(W.shape[1]):
            gj[c] += gp * r[c]
        for c in range(W.shape[1]):
            gl[c] += gn * r[c]
    for j in range(k):
        places[rows[j]] = -1
    return loss, k


@hand_written
def adagrad(ids, W, A, learning_rate, epsilon, G, rows, places):
    loss, k = summed(ids, W, G, rows, places)
    for j in range(k):
        w, a, g = W[rows[j]], A[rows[j]], G[j]
        for c in range(W.shape[1]):
            a[c] += g[c] * g[c]
            w[c] -= learning_rate * g[c] / (np.sqrt(a[c]) + epsilon)
    return loss


@hand_written
def rowwise_adagrad(ids, W, A, learning_rate, epsilon, G, rows, places):
    loss, k = summed(ids, W, G, rows, places)
    for j in range(k):
        w, g = W[rows[j]], G[j]
        total = np.float32(0)
        for c in range(W.shape[1]):
            total += g[c] * g[c]
        A[rows[j]] += total / np.float32(W.shape[1])
        rate = learning_rate / (np.sqrt(A[rows[j]]) + epsilon)
        for c in range(W.shape[1]):
            w[c] -= rate * g[c]
    return loss


@hand_written
def adam(ids, W, M, V, T, learning_rate, beta1, beta2, epsilon, G, rows, places):
    one = np.float32(1)
    loss, k = summed(ids, W, G, rows, places)
    for j in range(k):
        w, m, v, g = W[rows[j]], M[rows[j]], V[rows[j]], G[j]
        T[rows[j]] += one
        rate = learning_rate / np.float32(-math.expm1(T[rows[j]] * math.log(beta1)))
        scale = one / np.float32(-math.expm1(T[rows[j]] * math.log(beta2)))
        for c in range(W.shape[1]):
            m[c] = beta1 * m[c] + (one - beta1) * g[c]
            v[c] = beta2 * v[c] + (one - beta2) * g[c] * g[c]
            w[c] -= rate * m[c] / (np.sqrt(v[c] * scale) + epsilon)
    return loss
