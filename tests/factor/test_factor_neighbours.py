"""Neighbours by the cosine: beside the whole matrix of cosines, dense and sparse; documents as averages."""

import importlib.util

import numpy as np
import pytest
import scipy.sparse as sp

from ptembed.factor import neighbours
from ptembed.factor.neighbours import Neighbours, document_vectors, unit_rows

E = np.random.default_rng(0).standard_normal((50, 6)) * (np.random.default_rng(1).random((50, 6)) < 0.7)
E[7] = 0
KINDS = [np.asarray, sp.csr_array, sp.csc_array]


def cosines():
    lengths = np.linalg.norm(E, axis=1)
    lengths[7] = 1
    F = E / lengths[:, None]
    return F @ F.T


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block", [10**6, 60])
def test_the_nearest(kind, block, monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK", block)
    numbers, found = Neighbours(kind(E)).of(np.arange(50), 4)
    expected = cosines()
    np.fill_diagonal(expected, -np.inf)
    np.testing.assert_allclose(found, -np.sort(-expected, axis=1)[:, :4], atol=1e-12)
    np.testing.assert_allclose(np.take_along_axis(expected, numbers, axis=1), found, atol=1e-12)
    assert (numbers != np.arange(50)[:, None]).all() and sp.issparse(unit_rows(kind(E))) == (kind is not np.asarray)


def test_queries_from_outside_and_more_than_there_are():
    numbers, found = Neighbours(E).near(3 * E[[5, 6]], 99)
    assert numbers.shape == (2, 50) and numbers[:, 0].tolist() == [5, 6]
    np.testing.assert_allclose(found[:, 0], 1)
    assert Neighbours(E).near(E[:0], 3)[0].shape == (0, 3)


@pytest.mark.skipif(importlib.util.find_spec("faiss") is None, reason="faiss is not installed")
def test_faiss_gives_the_same():
    ours, theirs = (Neighbours(E.astype("float32"), index).of([1, 2, 3], 5) for index in ("exact", "faiss"))
    np.testing.assert_allclose(ours[1], theirs[1], atol=1e-5)


@pytest.mark.skipif(importlib.util.find_spec("faiss") is not None, reason="faiss is installed")
def test_without_faiss_the_install_is_named():
    with pytest.raises(ImportError, match="pip install faiss-cpu"):
        Neighbours(E, "faiss")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("weights", [None, np.arange(50.0)])
def test_documents_are_averages(kind, weights):
    X = sp.random_array((20, 50), density=0.1, format="csr", rng=np.random.default_rng(2))
    X.data[: X.indptr[1]] = 0
    dense = X.toarray() * (1 if weights is None else weights)
    totals = dense.sum(axis=1, keepdims=True)
    averages = document_vectors(X, kind(E), weights)
    assert sp.issparse(averages) == (kind is not np.asarray)
    averages = averages.toarray() if sp.issparse(averages) else averages
    np.testing.assert_allclose(averages, dense @ E / np.where(totals == 0, 1, totals), atol=1e-12)
    assert not averages[0].any()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Neighbours(E[0]), TypeError, "must be a matrix"),
        (lambda: Neighbours(np.full((2, 2), np.nan)), ValueError, "finite numbers"),
        (lambda: Neighbours(E, "tree"), ValueError, "index must be"),
        (lambda: Neighbours(sp.csr_array(E), "faiss"), TypeError, "faiss must have dense vectors"),
        (lambda: Neighbours(E).of([50]), ValueError, "rows must be numbers from 0 to 49"),
        (lambda: Neighbours(E).near(E[:, :3]), ValueError, "queries must have 6 columns, got 3"),
        (lambda: Neighbours(E).of([0], 0), ValueError, "k must be at least 1"),
        (lambda: document_vectors(E, E), TypeError, "X must be a sparse matrix"),
        (lambda: document_vectors(sp.csr_array((2, 3)), E), ValueError, "E must have a row for each of 3"),
        (lambda: document_vectors(sp.csr_array((2, 50)), E, [1]), ValueError, "weights must be 50 numbers"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
