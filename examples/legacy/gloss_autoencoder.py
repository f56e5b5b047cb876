"""A sparse autoencoder of glosses.

The input is a sparse matrix with a row for each gloss and a column for each
word, so the first layer costs as much as the gloss has words. The hidden units
are pushed to be active rarely (Ng's KL penalty), the weights are tied.

    python gloss_autoencoder.py glosses.tsv.xz
"""
from __future__ import print_function, division

import collections
import lzma
import re
import sys
import time

import numpy as np
import scipy.sparse
import theano
import theano.sparse
import theano.tensor as T

KINDS = {'5': 'animal', '13': 'food', '15': 'place', '18': 'person'}  # lexnames of WordNet


def read(path, n_glosses, n_words, skip=30, min_len=4, seed=1):
    """Lemmas, kinds, words, gloss x word matrix of 0 and 1; no very frequent words, no very short glosses."""
    with lzma.open(path, 'rt', encoding='utf8') as f:
        header = next(f).rstrip('\n').split('\t')
        rows = [dict(zip(header, line.rstrip('\n').split('\t'))) for line in f]
    rows = [row for row in rows if row['class'] == 'n' and row['lexname'] in KINDS]
    texts = [set(re.findall(r'[a-z]+', re.sub(r'"[^"]*"', ' ', row['gloss'].lower()))) for row in rows]
    counter = collections.Counter(w for text in texts for w in text)
    words = sorted(counter, key=lambda w: (-counter[w], w))[skip:skip + n_words]
    number = dict((w, i) for i, w in enumerate(words))

    texts = [sorted(number[w] for w in text if w in number) for text in texts]
    long_enough = [i for i, text in enumerate(texts) if len(text) >= min_len]
    chosen = np.random.RandomState(seed).permutation(long_enough)[:n_glosses]
    indices = np.concatenate([texts[i] for i in chosen])
    indptr = np.append(0, np.cumsum([len(texts[i]) for i in chosen]))
    ones = np.ones(len(indices), dtype=theano.config.floatX)
    X = scipy.sparse.csr_matrix((ones, indices, indptr), shape=(len(chosen), len(words)))
    return [rows[i]['lemmas'].split()[0] for i in chosen], [rows[i]['lexname'] for i in chosen], words, X


class SparseAutoencoder(object):

    def __init__(self, frequency, n_hid, rho=0.05, beta=1., seed=2):
        floatX = theano.config.floatX
        n_in = len(frequency)
        W = np.random.RandomState(seed).uniform(-1, 1, size=(n_in, n_hid)) * np.sqrt(6 / (n_in + n_hid))
        self.W = theano.shared(W.astype(floatX), name='W')
        self.b = theano.shared(np.full(n_hid, np.log(rho / (1 - rho)), dtype=floatX), name='b')
        self.c = theano.shared(np.log(frequency / (1 - frequency)).astype(floatX), name='c')
        self.params = [self.W, self.b, self.c]
        self.rho, self.beta = rho, beta

    def hidden(self, x):
        if type(x) is theano.sparse.basic.SparseVariable:
            return T.nnet.sigmoid(theano.sparse.structured_dot(x, self.W) + self.b)
        return T.nnet.sigmoid(T.dot(x, self.W) + self.b)

    def compile(self, lr):
        x = theano.sparse.csr_matrix('x')
        target = theano.sparse.dense_from_sparse(x)
        h = self.hidden(x)
        output = T.nnet.sigmoid(T.dot(h, self.W.T) + self.c)
        error = T.mean(T.sum(T.nnet.binary_crossentropy(output, target), axis=1))
        active = T.mean(h, axis=0)
        kl = T.sum(self.rho * T.log(self.rho / active) + (1 - self.rho) * T.log((1 - self.rho) / (1 - active)))
        updates = []
        for p, g in zip(self.params, T.grad(error + self.beta * kl, self.params)):
            history = theano.shared(np.zeros_like(p.get_value()))
            new = history + g ** 2
            updates += [(history, new), (p, p - lr * g / T.sqrt(new + 1e-6))]
        train = theano.function([x], [error, T.mean(active)], updates=updates)
        return train, theano.function([x], error), theano.function([x], h)


def neighbours(H, which, k=5):
    """For each of these rows the k rows with the most similar code, by the cosine"""
    H = H - H.mean(axis=0)
    H = H / np.sqrt((H ** 2).sum(axis=1, keepdims=True))
    return np.argsort(-H[which].dot(H.T), axis=1)[:, 1:k + 1]


def main(path, n_glosses=10000, n_words=1500, n_hid=64, epochs=6, batch=100, lr=0.1, seed=3):
    lemmas, kinds, words, X = read(path, n_glosses, n_words)
    n_test = len(lemmas) // 10
    test, X_train = X[:n_test], X[n_test:]
    frequency = (np.asarray(X_train.sum(axis=0)).ravel() + 1) / (X_train.shape[0] + 2)
    print('%d glosses, %d words, %.1f words a gloss' % (X.shape + (X.nnz / X.shape[0],)))
    guess = -test.dot(np.log(frequency / (1 - frequency))).mean() - np.log(1 - frequency).sum()
    print('word frequencies alone: %.2f nats a gloss' % guess)

    model = SparseAutoencoder(frequency, n_hid)
    train, evaluate, encode = model.compile(lr)
    rng = np.random.RandomState(seed)
    for epoch in range(epochs):
        start = time.time()
        order = rng.permutation(X_train.shape[0])
        result = [train(X_train[order[i:i + batch]]) for i in range(0, len(order), batch)]
        error = float(evaluate(test))
        print('epoch %d, train %.2f, test %.2f, %.3f of the units active, %.1f s'
              % ((epoch + 1, np.mean([e for e, _ in result]), error, result[-1][1], time.time() - start)))

    H = encode(X)
    for i, near in zip(range(8), neighbours(H, np.arange(8))):
        print('%s (%s): %s' % (lemmas[i], KINDS[kinds[i]], ' '.join(lemmas[j] for j in near)))
    same = np.mean([kinds[i] == kinds[j] for i, near in enumerate(neighbours(H, np.arange(n_test))) for j in near])
    chance = sum((kinds.count(k) / len(kinds)) ** 2 for k in KINDS)
    print('neighbours of the same kind: %.3f (by chance %.3f)' % (same, chance))
    return guess, error, same, chance


if __name__ == '__main__':
    main(sys.argv[1])
