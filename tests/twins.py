"""Slow, obviously right NumPy and Python twins of the fast routines."""

import itertools
import re
from collections import Counter

import numpy as np
import scipy.optimize

# ---- data


def tokenised(texts, min_count):
    """Sentences of words, one a text, and the vocabulary, most frequent first."""
    sentences = [re.findall(r"[a-z]+(?:-[a-z]+)*", re.sub(r'"[^"]*"', " ", text.lower())) for text in texts]
    counts = Counter(word for sentence in sentences for word in sentence)
    vocabulary = sorted((word for word in counts if counts[word] >= min_count), key=lambda word: (-counts[word], word))
    return [[word for word in sentence if counts[word] >= min_count] for sentence in sentences], vocabulary


def window_pairs(sentences, window):
    """[left, right] for each two tokens of one sentence that are at most `window` apart."""
    return [
        [left, right]
        for sentence in sentences
        for place, left in enumerate(sentence)
        for right in sentence[place + 1 : place + 1 + window]
    ]


# ---- rows and their optimizers


def distinct_rows(idx, N):
    """The row numbers in order, each once, and the place of each given one."""
    rows = [int(i) + N if i < 0 else int(i) for i in idx]
    ids = sorted(set(rows))
    return ids, [ids.index(i) for i in rows]


def lazy_step(step, W, states, idx, gradients, **hyper):
    """One step on the rows of W that idx names, each with a history of its own in states; repeats add."""
    ids, where = distinct_rows(idx, len(W))
    for place, i in enumerate(ids):
        g = sum(gradient for gradient, at in zip(gradients, where, strict=True) if at == place)
        W[i] = step(W[i], g, states.setdefault(i, {}), **hyper)


def sgd(w, g, s, learning_rate):
    return w - learning_rate * g


def momentum(w, g, s, learning_rate, momentum):
    s["v"] = momentum * s.get("v", 0) - learning_rate * g
    return w + s["v"]


def nesterov(w, g, s, learning_rate, momentum):
    s["v"] = momentum * s.get("v", 0) - learning_rate * g
    return w + momentum * s["v"] - learning_rate * g


def adagrad(w, g, s, learning_rate, epsilon=1e-10):
    s["a"] = s.get("a", 0) + g**2
    return w - learning_rate * g / (np.sqrt(s["a"]) + epsilon)


def rowwise_adagrad(w, g, s, learning_rate, epsilon=1e-10):
    s["a"] = s.get("a", 0) + np.mean(g**2)
    return w - learning_rate * g / (np.sqrt(s["a"]) + epsilon)


def rmsprop(w, g, s, learning_rate, rho=0.9, epsilon=1e-8, centered=False):
    s["v"] = rho * s.get("v", 0) + (1 - rho) * g**2
    s["m"] = rho * s.get("m", 0) + (1 - rho) * g
    variance = s["v"] - s["m"] ** 2 if centered else s["v"]
    return w - learning_rate * g / (np.sqrt(variance) + epsilon)


def adadelta(w, g, s, learning_rate=1.0, rho=0.95, epsilon=1e-6):
    s["v"] = rho * s.get("v", 0) + (1 - rho) * g**2
    delta = g * np.sqrt(s.get("u", 0) + epsilon) / np.sqrt(s["v"] + epsilon)
    s["u"] = rho * s.get("u", 0) + (1 - rho) * delta**2
    return w - learning_rate * delta


def adam(w, g, s, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.0, largest=False):
    s["t"] = s.get("t", 0) + 1
    s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
    s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g**2
    s["u"] = np.maximum(s.get("u", 0), s["v"])
    w = w - learning_rate * weight_decay * w
    second = (s["u"] if largest else s["v"]) / (1 - beta2 ** s["t"])
    return w - learning_rate * (s["m"] / (1 - beta1 ** s["t"])) / (np.sqrt(second) + epsilon)


def adamax(w, g, s, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    s["t"] = s.get("t", 0) + 1
    s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
    s["u"] = np.maximum(beta2 * s.get("u", 0), np.abs(g) + epsilon)
    return w - learning_rate / (1 - beta1 ** s["t"]) * s["m"] / s["u"]


def nadam(w, g, s, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8, momentum_decay=0.004):
    s["t"] = t = s.get("t", 0) + 1
    mu, ahead = (beta1 * (1 - 0.5 * 0.96 ** (n * momentum_decay)) for n in (t, t + 1))
    s["p"] = s.get("p", 1) * mu
    s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
    s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g**2
    step = (1 - mu) * g / (1 - s["p"]) + ahead * s["m"] / (1 - s["p"] * ahead)
    return w - learning_rate * step / (np.sqrt(s["v"] / (1 - beta2**t)) + epsilon)


def ftrl(w, g, s, learning_rate, beta=1.0, l1=0.0, l2=0.0):
    n = s.get("n", 0)
    z = s.get("z", -w * (beta / learning_rate + l2) - l1 * np.sign(w))
    sigma = (np.sqrt(n + g**2) - np.sqrt(n)) / learning_rate
    s["z"], s["n"] = z + g - sigma * w, n + g**2
    closed = -(s["z"] - np.sign(s["z"]) * l1) / ((beta + np.sqrt(s["n"])) / learning_rate + l2)
    return np.where(np.abs(s["z"]) <= l1, 0, closed)


# ---- row loops and blocks of steps


def pair_logistic_step(W, ids, learning_rate):
    """One step of SGD in place on triples (ref, pos, neg), repeats added; gives the loss before it."""
    G, loss = np.zeros_like(W), 0.0
    for r, p, n in np.asarray(ids).reshape(-1, 3):
        loss += np.log1p(np.exp(-W[r] @ W[p])) + np.log1p(np.exp(W[r] @ W[n]))
        gp, gn = -1 / (1 + np.exp(W[r] @ W[p])), 1 / (1 + np.exp(-W[r] @ W[n]))
        G[r] += gp * W[p] + gn * W[n]
        G[p] += gp * W[r]
        G[n] += gn * W[r]
    W -= learning_rate * G
    return loss


def sparse_products(data, indices, indptr, W, G, n):
    """``X @ W``, ``X.T @ G``, ``(G @ W.T)`` at the non-zeros, and the row of each non-zero."""
    rows = [i for i in range(len(indptr) - 1) for _ in range(indptr[i], indptr[i + 1])]
    X = np.zeros((len(indptr) - 1, n))
    for v, i, j in zip(data, rows, indices, strict=True):
        X[i, j] += v
    return X @ W, X.T @ G, [G[i] @ W[j] for i, j in zip(rows, indices, strict=True)], rows


# ---- pooling


def windows(shape, ws, stride, pad, ignore_border):
    """For each window, in order, its place in the result and the slices of the numbers that it holds."""

    def along(D, w, s, p):
        starts = range(-p, D + p, s)
        if ignore_border:
            return [(b, b + w) for b in starts if b + w <= D + p]
        covered = [b for b in starts if b == 0 or b - s + w < D]  # as long as the one before has left a number out
        return [(b, b + w) for b in covered]

    each = [along(*of_one) for of_one in zip(shape, ws, stride, pad, strict=True)]
    for place in np.ndindex(*map(len, each)):
        ends = [each[i][j] for i, j in enumerate(place)]
        yield place, tuple(slice(max(b, 0), min(e, D)) for (b, e), D in zip(ends, shape, strict=True))


def pooled_windows(x, ws, stride, pad, ignore_border, mode):
    """The largest, the sum or the mean of each window of all axes of x."""
    result = {place: x[held] for place, held in windows(x.shape, ws, stride, pad, ignore_border)}
    size = [1 + max((place[i] for place in result), default=-1) for i in range(x.ndim)]
    z = np.zeros(size if result else [0] * x.ndim, x.dtype)
    for place, held in result.items():
        full = np.prod(ws) if ignore_border and mode == "average_inc_pad" else held.size
        z[place] = held.max() if mode == "max" else held.sum() / (1 if mode == "sum" else full)
    return z


def pooled(rows, offsets, weights=None, reduce="sum"):
    """Sum, mean or maximum of the rows of each bag; zeros for an empty one."""
    bags = []
    for start, stop in itertools.pairwise(offsets):
        x = rows[start:stop]
        w = np.ones(len(x)) if weights is None else weights[start:stop]
        total = (x * w[:, None]).sum(axis=0)
        bags.append(total if reduce == "sum" or not len(x) else x.max(axis=0) if reduce == "max" else total / w.sum())
    return np.array(bags)


def attended(query, keys, values, offsets, hops):
    """Queries after some hops over the entries of each, one example after the other."""
    query = query.copy()
    for i, (start, stop) in enumerate(itertools.pairwise(offsets)):
        for _ in range(hops if start < stop else 0):
            p = np.exp(keys[start:stop] @ query[i])
            query[i] += p @ values[start:stop] / p.sum()
    return query


def cross_entropy(logits, y, weights, smoothing):
    """Weighted cross-entropy of one example after the other."""
    losses = []
    for z, k in zip(logits, y, strict=True):
        log_p = z - np.log(np.exp(z).sum())
        losses.append(-weights[k] * ((1 - smoothing) * log_p[k] + smoothing * log_p.mean()))
    return np.array(losses)


# Networks: the words of a sequence, patches of images, products of blocks.


def ctc_by_paths(activations, word):
    """-log of the probability of ``word``, the sum over all paths (T, letters) that spell it."""
    T, P = activations.shape
    p, total = np.exp(activations - np.logaddexp.reduce(activations, axis=1, keepdims=True)), 0.0
    for path in itertools.product(range(P), repeat=T):
        if [k for k, _ in itertools.groupby(path) if k] == list(word):
            total += np.prod(p[np.arange(T), path])
    return -np.log(total)


def patches_by_loops(images, c, r, mode):
    """The patches (patches, c[0] * c[1]) of images (m, channels, rows, columns), every ``r``."""
    pad = {"half": (c[0] // 2, c[1] // 2), "wrap_centered": (c[0] // 2, c[1] // 2), "full": (c[0] - 1, c[1] - 1)}
    widths = [(0, 0), (0, 0), *((p, p) for p in pad.get(mode, (0, 0)))]
    padded = np.pad(images, widths, mode="wrap" if mode == "wrap_centered" else "constant")
    starts = [range(0, padded.shape[2 + k] - c[k] + 1, r[k]) for k in range(2)]
    patches = [
        i[y : y + c[0], x : x + c[1]]
        for i in padded.reshape(-1, *padded.shape[2:])
        for y in starts[0]
        for x in starts[1]
    ]
    return np.array(patches).reshape(-1, c[0] * c[1])


def multiply_blocks_by_loops(o, W, h, rows, columns):
    """``o[b, j] + sum_i h[b, i] @ W[rows[b, i], columns[b, j]]``."""
    o = o.copy()
    for b, j, i in np.ndindex(*columns.shape, rows.shape[1]):
        o[b, j] += h[b, i] @ W[rows[b, i], columns[b, j]]
    return o


# ---- convolution


def convolution(images, kernels, op):
    """Each place of the result by itself; ``op`` has the options."""
    n = op.convdim
    kernel, kernels = kernels.shape[-n:], kernels[(..., *[slice(None, None, -1 if op.filter_flip else 1)] * n)]
    shape, inside = op._padded(images.shape[2:], kernel)
    padded = np.zeros((*images.shape[:2], *shape))
    padded[(..., *inside)] = images
    out = np.zeros((len(images), len(kernels), *op.lengths(images.shape[2:], kernel)))
    channels, kernels_a_group = images.shape[1] // op.num_groups, len(kernels) // op.num_groups
    for f, place in itertools.product(range(len(kernels)), np.ndindex(*out.shape[2:])):
        group = slice(f // kernels_a_group * channels, (f // kernels_a_group + 1) * channels)
        where = [
            slice(i * s, i * s + (k - 1) * d + 1, d)
            for i, s, k, d in zip(place, op.subsample, kernel, op.filter_dilation, strict=True)
        ]
        patch = padded[(slice(None), group, *where)]
        out[(slice(None), f, *place)] = (patch * (kernels[f][place] if op.unshared else kernels[f])).sum(
            axis=tuple(range(1, n + 2))
        )
    return out


# ---- losses of the spherical family, and a dense output layer trained by them


def spherical_losses(o, targets, values, eps=1e-2, a=1.5, b=0.5):
    """Four losses of one example, and their gradients by all outputs ``o``, from the outputs in full."""
    D, y = len(o), np.zeros(len(o))
    y[targets] = values
    sphere, taylor = o**2 + eps, 1 + o + o**2 / 2
    z, sigma = (o - o.mean()) / o.std(), o.std()
    by_z = -y / (1 + np.exp(a * (z - b)))
    return {
        "squared_error": (((o - y) ** 2).sum(), 2 * (o - y)),
        "spherical_softmax": (-y @ np.log(sphere / sphere.sum()), y.sum() * 2 * o / sphere.sum() - y * 2 * o / sphere),
        "taylor_softmax": (-y @ np.log(taylor / taylor.sum()), y.sum() * (1 + o) / taylor.sum() - y * (1 + o) / taylor),
        "z_loss": (y @ np.log1p(np.exp(a * (b - z))) / a, (by_z - by_z.mean() - z * (by_z @ z) / D) / sigma),
    }


def dense_output_step(W, H, idx, y, name, learning_rate, l2=0.0):
    """One step of SGD in place on the mean loss of ``H @ W.T``; gives the losses and the gradient by H, before it."""
    pairs = [spherical_losses(W @ h, i, v)[name] for h, i, v in zip(H, idx, y, strict=True)]
    G = np.array([gradient for _, gradient in pairs]) / len(H)
    by_H = G @ W
    W -= learning_rate * (G.T @ H + l2 * W)
    return np.array([loss for loss, _ in pairs]), by_H


# ---- factors


def coordinate_descent(W, P, G, l1):
    """Each coordinate of each row once, in order, to the minimum of w G w / 2 - p w + l1 sum(w) over w >= 0."""
    W = W.copy()
    for w, p in zip(W, P, strict=True):
        for t in range(len(w)):
            w[t] = max(0, (p[t] - l1 - sum(G[t, s] * w[s] for s in range(len(w)) if s != t)) / G[t, t])
    return W


def neighbour_counts(texts, n_words, window, weight):
    """X[u, v]: how often v comes after u, at most `window` apart, each time `weight(distance)`."""
    X = np.zeros((n_words, n_words))
    for text in texts:
        for i, u in enumerate(text):
            for j in range(i + 1, len(text) if window is None else min(len(text), i + window + 1)):
                X[u, text[j]] += weight(j - i)
    return X


# ---- sparse codes


def matching_pursuit(x, D, most, share=0.0, positive=False):
    """The code of one row, each step solved anew by least squares, with weights from 0 on if `positive`."""
    code, chosen, r = np.zeros(len(D)), [], x
    while len(chosen) < most and np.linalg.norm(r) > share * np.linalg.norm(x):
        a = D @ r
        j = int(np.argmax(a if positive else np.abs(a)))
        if j in chosen or (a[j] if positive else abs(a[j])) < 1e-8 * np.linalg.norm(x):
            break
        chosen.append(j)
        weights = scipy.optimize.nnls(D[chosen].T, x)[0] if positive else np.linalg.lstsq(D[chosen].T, x)[0]
        chosen, weights = zip(*[(i, w) for i, w in zip(chosen, weights, strict=True) if w != 0], strict=True)
        chosen, r = list(chosen), x - np.array(weights) @ D[list(chosen)]
        code[:] = 0
        code[chosen] = weights
    return code


def atom_fit(X, C, D, j, positive=False):
    """One K-SVD update of atom `j`: the residual of the rows that have it, and one alternation on it."""
    rows = np.flatnonzero(C[:, j])
    E = X[rows] - C[rows] @ D + np.outer(C[rows, j], D[j])
    d = E.T @ C[rows, j]
    d = np.maximum(d, 0) if positive else d
    d /= np.linalg.norm(d)
    g = E @ d
    return rows, d, np.maximum(g, 0) if positive else g
