"""Bayesian personalised ranking by theano-bpr ranks what its users took above the rest."""

import random

import numpy as np
from theano_bpr import BPR


def test_what_was_taken_ranks_above_the_rest():
    random.seed(0)
    rng = np.random.RandomState(0)
    pairs = np.stack([rng.randint(60, size=400), rng.randint(8, size=400)], axis=1)
    taken = [(int(u), int((3 * u + k) % 40)) for u, k in pairs]
    model = BPR(8, 60, 40)
    model.train(taken, epochs=0)
    before = model.test(taken)
    model.train(taken, epochs=30, batch_size=100)
    assert model.test(taken) > max(before, 0.8)
    assert model.predictions(0).shape == (40,)
