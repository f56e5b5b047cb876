"""Word vectors from (ref, pos, neg) triples.

A word should be near the words that stand around it and far from a random
one. For each triple the loss is

    -log(sigmoid(ref . pos)) - log(sigmoid(-ref . neg))

The gradient is taken with respect to the rows of W that the batch reads, not
with respect to W, so that a step costs as much for 10,000 words as for
10,000,000.

    python word_triples.py glosses.tsv.xz vectors.npz
"""
from __future__ import print_function, division

import collections
import lzma
import re
import sys

import numpy as np
import theano
import theano.tensor as T


def read(path, min_count=5, window=5):
    """Words, how often each occurs, and the pairs that stand within the window."""
    with lzma.open(path, 'rt', encoding='utf8') as f:
        column = next(f).rstrip('\n').split('\t').index('gloss')
        texts = [line.rstrip('\n').split('\t')[column] for line in f]
    texts = [re.sub(r'"[^"]*"', ' ', text.lower()) for text in texts]
    sentences = [re.findall(r'[a-z]+(?:-[a-z]+)*', text) for text in texts]

    counter = collections.Counter(word for s in sentences for word in s)
    words = sorted((w for w in counter if counter[w] >= min_count), key=lambda w: (-counter[w], w))
    number = dict((w, i) for i, w in enumerate(words))
    counts = np.array([counter[w] for w in words])

    ids, where = [], []
    for s, sentence in enumerate(sentences):
        known = [number[w] for w in sentence if w in number]
        ids.extend(known)
        where.extend([s] * len(known))
    ids, where = np.array(ids, dtype='int32'), np.array(where)
    pairs = []
    for k in range(1, window + 1):
        together = where[:-k] == where[k:]
        pairs.append(np.stack([ids[:-k][together], ids[k:][together]], axis=1))
    return words, counts, np.concatenate(pairs)


def compile_step(W):
    """A function that takes one gradient step on a batch of triples and returns the mean loss."""
    ref, pos, neg = T.ivectors('ref', 'pos', 'neg')
    lr = T.scalar('lr')
    r, p, n = W[ref], W[pos], W[neg]
    loss = -T.log(T.nnet.sigmoid(T.sum(r * p, axis=1))) - T.log(T.nnet.sigmoid(-T.sum(r * n, axis=1)))
    g_r, g_p, g_n = T.grad(T.sum(loss), [r, p, n])
    new = T.inc_subtensor(r, -lr * g_r)
    new = T.inc_subtensor(new[pos], -lr * g_p)
    new = T.inc_subtensor(new[neg], -lr * g_n)
    return theano.function([ref, pos, neg, lr], T.mean(loss), updates=[(W, new)])


def triples(rng, counts, pairs, size, threshold=1e-4):
    """About that many triples: a pair in either order, frequent words less often, and a random word."""
    frequency = counts / float(counts.sum())
    keep = np.minimum(1, np.sqrt(threshold / frequency))
    noise = np.cumsum(counts ** 0.75)

    chosen = pairs[rng.randint(0, len(pairs), size)]
    kept = rng.uniform(size=size) < keep[chosen[:, 0]] * keep[chosen[:, 1]]
    chosen = chosen[kept]
    turned = rng.uniform(size=len(chosen)) < 0.5
    chosen[turned] = chosen[turned][:, ::-1]
    neg = np.searchsorted(noise, rng.uniform(0, noise[-1], len(chosen)))
    return chosen[:, 0].copy(), chosen[:, 1].copy(), neg.astype('int32')


def train(counts, pairs, total=30000000, dim=100, batch=512, lr=0.05, seed=1234):
    """Yields (triples done, mean loss, W) some hundred times."""
    rng = np.random.RandomState(seed)
    floatX = theano.config.floatX
    W = theano.shared((0.1 * rng.normal(size=(len(counts), dim))).astype(floatX), name='W')
    step = compile_step(W)
    done = 0
    while done < total:
        ref, pos, neg = triples(rng, counts, pairs, 500000)
        losses = []
        for i in range(0, len(ref) - batch + 1, batch):
            rate = np.asarray(lr * max(1 - done / total, 0.02), dtype=floatX)
            losses.append(step(ref[i:i + batch], pos[i:i + batch], neg[i:i + batch], rate))
            done += batch
        yield done, float(np.mean(losses)), W


def main(path, out, total=30000000):
    words, counts, pairs = read(path)
    for done, loss, W in train(counts, pairs, total):
        print('%9d triples  loss %.4f' % (done, loss))
    np.savez(out, words=words, vectors=W.get_value())


if __name__ == '__main__':
    main(*sys.argv[1:3])
