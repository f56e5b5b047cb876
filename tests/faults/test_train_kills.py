"""Training that is killed goes on from its checkpoint to the bit; ``train_kills.py`` kills as often as one likes."""

import os

import numpy as np
import pytest
import train_kills
from train_kills import KINDS, SAVED, check, run

QUICK = {"mode": "FAST_COMPILE", "part": 200}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")


@pytest.mark.parametrize("name", KINDS)
def test_nothing_is_lost_or_torn(name):
    assert sum(run(name, kills=12, seed=0, **QUICK).values()) == 12


def test_training_that_forgets_its_generator_is_found(monkeypatch):
    class Forgets(train_kills.Dropout):
        def __init__(self, mode):
            super().__init__(mode)
            self.variables.pop()
            self.rng = np.random.default_rng(os.getpid())

    monkeypatch.setitem(KINDS, "forgets", Forgets)
    with pytest.raises(AssertionError, match="differs from that of training without kills"):
        run("forgets", kills=30, seed=0, **QUICK)


def test_a_save_that_was_told_and_is_not_there_is_found(tmp_path):
    with pytest.raises(AssertionError, match="1 saves were told, and there is no file"):
        check(tmp_path / "x.npz", {}, [SAVED].count(SAVED))
