"""Slow, obviously right NumPy and Python twins of the fast routines."""

import re
from collections import Counter

import numpy as np

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
