"""Films as non-negative vectors: factors of their similarity, with likes and dislikes.

S says how similar two films are by cast, genre, language, country and decade.
A pair that should be together gets a plus, a pair that should not a minus,

    A = S + W_like - W_dislike,

and A is approximated by U U^T with U >= 0, by the projected gradient, many
steps in each call. The likes are half of the pairs of films of one director,
whom S does not know; the other half is kept for the test. The dislikes are
some pairs of films without a genre in common.

    python film_factors.py films.tsv.xz
"""
from __future__ import print_function, division

import collections
import lzma
import sys

import numpy as np
import theano
import theano.tensor as T

ATTRIBUTES = ['genres', 'cast', 'languages', 'countries']


def read(path, n_films, min_films=4):
    """The films with the longest lists of cast whose director made some more of them."""
    with lzma.open(path, 'rt', encoding='utf8') as f:
        header = next(f).rstrip('\n').split('\t')
        films = [dict(zip(header, line.rstrip('\n').split('\t'))) for line in f]
    films = [film for film in films if film['directors']]
    films.sort(key=lambda film: -film['cast'].count('|'))
    films = films[:3 * n_films]
    made = collections.Counter(film['directors'] for film in films)
    return [film for film in films if made[film['directors']] >= min_films][:n_films]


def similarity(films):
    """Cosine of the attributes, rare ones weigh more"""
    sets = [[key + value for key in ATTRIBUTES for value in film[key].split('|')] for film in films]
    for s, film in zip(sets, films):
        s.append('decade' + film['year'][:3])
    column = dict((a, i) for i, a in enumerate(sorted(set(a for s in sets for a in s))))
    X = np.zeros((len(films), len(column)))
    for row, s in zip(X, sets):
        row[[column[a] for a in s]] = 1
    X *= np.log(len(films) / X.sum(axis=0))
    X /= np.sqrt((X ** 2).sum(axis=1, keepdims=True))
    return X.dot(X.T)


def pairs(films, rng):
    """Likes to learn, likes to test, dislikes: symmetric arrays of 0 and 1"""
    director = np.array([film['directors'] for film in films])
    genres = [set(film['genres'].split('|')) for film in films]
    same = np.triu(director[:, None] == director, 1)
    learn = same & (rng.uniform(size=same.shape) < 0.5)
    dislike = np.triu([[not (g & h) for h in genres] for g in genres], 1) & (rng.uniform(size=same.shape) < 0.05)
    return [np.asarray(m | m.T, dtype='float64') for m in (learn, same & ~learn, dislike)]


def compile_fit(S, like, dislike, U, weight):
    S, like, dislike = [theano.shared(m.astype(theano.config.floatX)) for m in (S, like, dislike)]
    A = S + weight * like - weight * dislike

    def step(U, A, lr):
        cost = T.sum((A - T.dot(U, U.T)) ** 2)
        return T.maximum(U - lr * T.grad(cost, U), 0), cost

    lr, n_steps = T.scalar('lr'), T.iscalar('n_steps')
    (Us, costs), updates = theano.scan(step, outputs_info=[U, None], non_sequences=[A, lr], n_steps=n_steps)
    updates[U] = Us[-1]
    return theano.function([lr, n_steps], costs[0], updates=updates, allow_input_downcast=True)


def cosines(U):
    U = U / np.maximum(np.sqrt((U ** 2).sum(axis=1, keepdims=True)), 1e-12)
    return U.dot(U.T)


def auc(C, learned, test):
    """How often a pair kept for the test is more similar than a pair of films of two directors"""
    upper = np.triu(np.ones_like(C), 1) > 0
    yes, no = C[upper & (test > 0)], np.sort(C[upper & (learned + test == 0)])
    return np.mean((np.searchsorted(no, yes) + np.searchsorted(no, yes, 'right')) / (2 * len(no)))


def main(path, n_films=400, k=40, calls=20, n_steps=50, lr=0.001, weight=0.5, seed=1):
    films = read(path, n_films)
    rng = np.random.RandomState(seed)
    S = similarity(films)
    like, test, dislike = pairs(films, rng)
    print('%d films, %d likes, %d dislikes, %d pairs to test'
          % (len(films), like.sum() / 2, dislike.sum() / 2, test.sum() / 2))
    U = theano.shared((0.1 * rng.uniform(size=(len(films), k))).astype(theano.config.floatX), name='U')
    fit = compile_fit(S, like, dislike, U, weight)
    costs = []
    for call in range(calls):
        costs.append(float(fit(lr, n_steps)))
        if call % 4 == 0:
            print('%5d steps, cost %.1f' % (call * n_steps, costs[-1]))

    U = U.get_value()
    C = cosines(U)
    before, after = auc(S, like, test), auc(C, like, test)
    print('AUC of the pairs kept for the test: %.3f by attributes, %.3f by factors' % (before, after))
    for i in range(0, len(films), len(films) // 8):
        print('%s (%s)' % (films[i]['title'], films[i]['directors']))
        for j in [j for j in np.argsort(-C[i]) if j != i][:5]:
            print('    %.2f %s (%s)' % (C[i, j], films[j]['title'], films[j]['directors']))
    return costs, before, after


if __name__ == '__main__':
    main(sys.argv[1])
