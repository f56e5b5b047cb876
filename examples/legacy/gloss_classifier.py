"""Word classes from glosses: a masked bag of words.

    bag = sum(E[w] * M[w] for w in gloss)        p = softmax(bag . V + b)

E[w] is what the word w means and the mask M[w] how much it counts; the mask
starts at ones and is learned. Adverbs are thirty times rarer than nouns, so a
mistake on class c is charged log(N / N_c).

    python gloss_classifier.py glosses.tsv.xz
"""
from __future__ import print_function, division

import collections
import lzma
import re
import sys

import numpy as np
import theano
import theano.tensor as T

CLASSES = 'nvasr'
NAMES = ['noun', 'verb', 'adjective', 'satellite', 'adverb']
PAD = 0  # E and M are 0 there, so their gradients are 0 too and they stay 0


def read(path, n_train, n_test, min_count=3, max_len=20, seed=1):
    """Words, and (x, y) for training and for testing; each row of x is a gloss, filled up with PAD."""
    with lzma.open(path, 'rt', encoding='utf8') as f:
        header = next(f).rstrip('\n').split('\t')
        rows = [line.rstrip('\n').split('\t') for line in f]
    chosen = np.random.RandomState(seed).permutation(len(rows))[:n_train + n_test]
    y = np.array([CLASSES.index(rows[i][header.index('class')]) for i in chosen], dtype='int32')
    texts = [re.sub(r'"[^"]*"', ' ', rows[i][header.index('gloss')].lower()) for i in chosen]
    texts = [re.findall(r'[a-z]+', text) for text in texts]

    counter = collections.Counter(w for text in texts[:n_train] for w in text)
    words = ['<pad>'] + sorted(w for w in counter if counter[w] >= min_count)
    number = dict((w, i) for i, w in enumerate(words))
    x = np.zeros((len(texts), max_len), dtype='int32')
    for row, text in zip(x, texts):
        known = [number[w] for w in text if w in number][:max_len]
        row[:len(known)] = known
    return words, (x[:n_train], y[:n_train]), (x[n_train:], y[n_train:])


class MaskedBag(object):

    def __init__(self, n_words, y, dim, seed=2):
        floatX = theano.config.floatX
        rng = np.random.RandomState(seed)
        E = 0.1 * rng.normal(size=(n_words, dim))
        M = np.ones(n_words)
        E[PAD], M[PAD] = 0, 0
        penalty = np.log(len(y) / np.maximum(np.bincount(y, minlength=len(CLASSES)), 1))

        self.E = theano.shared(E.astype(floatX), name='E')
        self.M = theano.shared(M.astype(floatX), name='M')
        self.V = theano.shared(np.zeros((dim, len(CLASSES)), dtype=floatX), name='V')
        self.b = theano.shared(np.zeros(len(CLASSES), dtype=floatX), name='b')
        self.params = [self.E, self.M, self.V, self.b]
        self.penalty = theano.shared(penalty.astype(floatX), name='penalty')

    def p_y(self, x):
        bag = T.sum(self.E[x] * self.M[x].dimshuffle(0, 1, 'x'), axis=1)
        return T.nnet.softmax(T.dot(bag, self.V) + self.b)

    def compile(self, x, y, batch):
        """train(i, lr) on the i-th batch of the shared data, predict(x)"""
        inputs, labels = T.imatrix('inputs'), T.ivector('labels')
        i, lr = T.lscalar('i'), T.scalar('lr')
        p_y = self.p_y(inputs)
        cost = -T.mean(self.penalty[labels] * T.log(p_y)[T.arange(labels.shape[0]), labels])
        updates = [(p, p - lr * g) for p, g in zip(self.params, T.grad(cost, self.params))]
        x, y = theano.shared(x, borrow=True), theano.shared(y, borrow=True)
        train = theano.function([i, lr], cost, updates=updates,
                                givens={inputs: x[i * batch:(i + 1) * batch], labels: y[i * batch:(i + 1) * batch]})
        return train, theano.function([inputs], T.argmax(p_y, axis=1))


def scores(y, predicted):
    """Accuracy and the mean over the classes of F1"""
    hits = np.array([np.sum((y == c) & (predicted == c)) for c in range(len(CLASSES))])
    total = np.array([np.sum(y == c) + np.sum(predicted == c) for c in range(len(CLASSES))])
    return np.mean(y == predicted), np.mean(2 * hits / np.maximum(total, 1))


def main(path, n_train=40000, n_test=5000, epochs=8, dim=40, batch=50, lr=0.5, seed=3):
    words, (x, y), (x_test, y_test) = read(path, n_train, n_test)
    print('%d words, %d glosses to train, %d to test' % (len(words), len(x), len(x_test)))
    print('always noun: accuracy %.3f, macro-F1 %.3f' % scores(y_test, np.zeros_like(y_test)))
    model = MaskedBag(len(words), y, dim)
    train, predict = model.compile(x, y, batch)
    rng = np.random.RandomState(seed)
    n_batches = len(x) // batch
    for epoch in range(epochs):
        rate = np.asarray(lr * (1 - epoch / epochs), dtype=theano.config.floatX)
        cost = np.mean([train(i, rate) for i in rng.permutation(n_batches)])
        print('epoch %d, cost %.4f, test accuracy %.3f, macro-F1 %.3f'
              % ((epoch + 1, cost) + scores(y_test, predict(x_test))))

    M = model.M.get_value()
    order = np.argsort(M[1:]) + 1
    print('count least:', ' '.join(words[i] for i in order[:10]))
    print('count most: ', ' '.join(words[i] for i in order[-10:]))
    return scores(y_test, predict(x_test))


if __name__ == '__main__':
    main(sys.argv[1])
