"""The comparison of asynchronous training runs, and says what it measured."""

import importlib.util

import numpy as np
import pytest

from ptembed.bench import hogwild

pytestmark = pytest.mark.slow


def test_the_page_has_all_sides(tmp_path):
    hogwild.main(tmp_path, quick=True)
    page = (tmp_path / "hogwild.md").read_text()
    assert "| ptembed | 1 |" in page and "| ptembed | 2 |" in page and "bench hogwild --quick" in page
    assert ("| torch | 2 |" in page) == bool(importlib.util.find_spec("torch"))


def test_a_triple_is_of_one_cluster_and_any_other_row():
    r, p, n = hogwild.Triples(600, 50).draw(np.random.default_rng(0), 50)
    assert r.shape == p.shape == n.shape == (50, 1)
    assert (r % hogwild.CLUSTERS == p % hogwild.CLUSTERS).all() and (r % hogwild.CLUSTERS != n % hogwild.CLUSTERS).any()


def test_without_the_folder_nothing_is_measured(tmp_path):
    with pytest.raises(FileNotFoundError):
        hogwild.main(tmp_path / "none", quick=True)
