"""Weights of counts: beside their formulas, dense."""

import numpy as np
import pytest
import scipy.sparse as sp

from ptembed.factor.weights import back_off, discounted, ppmi, tfidf, thresholded


def counts(m=12, n=9, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.poisson(2, (m, n)) * (rng.random((m, n)) < 0.6)
    X[3] = 0
    X[:, 5] = 0
    return X.astype(float)


@pytest.mark.parametrize("kind", [sp.csr_array, sp.csc_array])
@pytest.mark.parametrize(("shift", "power", "smoothing"), [(1, 1, 0), (1, 0.75, 0), (2, 0.75, 3.0)])
def test_ppmi(kind, shift, power, smoothing):
    X = counts()
    rows, columns = X.sum(axis=1, keepdims=True) + smoothing, (X.sum(axis=0) + smoothing) ** power
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.log(X * columns.sum() / (rows * columns)) - np.log(shift)
    expected = np.maximum(np.nan_to_num(expected, nan=0, neginf=0), 0)
    ours = ppmi(kind(X), shift, power, smoothing)
    np.testing.assert_allclose(ours.toarray(), expected, atol=1e-12)
    assert ours.data.min() > 0 and ours.has_canonical_format


def test_ppmi_of_integers_and_of_nothing():
    assert ppmi(sp.csr_array(counts().astype("int32"))).dtype == "float32"
    assert ppmi(sp.csr_array((3, 4))).nnz == 0


def test_discounted():
    X = counts()
    rows, columns = X.sum(axis=1, keepdims=True), X.sum(axis=0)
    least = np.minimum(rows, columns)
    with np.errstate(invalid="ignore"):
        expected = np.nan_to_num(X * (X / (X + 2)) * (least / (least + 5)))
    np.testing.assert_allclose(discounted(sp.csr_array(X), 2, 5).toarray(), expected)


def test_thresholded():
    X = counts()
    keep = (X >= 2) & (X.sum(axis=1, keepdims=True) >= 10) & (X.sum(axis=0) >= 15)
    assert 0 < keep.sum() < (X > 0).sum()
    given = sp.csr_array(X)
    np.testing.assert_array_equal(thresholded(given, 2, 10).toarray()[:, 0], np.where(X[:, 0] >= 2, X[:, 0], 0) * (
        (X.sum(axis=1) >= 10) & (X.sum(axis=0)[0] >= 10)))  # fmt: skip
    np.testing.assert_array_equal(given.toarray(), X)


def test_rare_words_back_off_to_documents():
    W, D = counts(seed=1), 3 * counts(seed=1) + counts(seed=2)
    least = np.minimum(W.sum(axis=1, keepdims=True), W.sum(axis=0))
    expected = W + 10 / (10 + least) * D * W.sum() / D.sum()
    np.testing.assert_allclose(back_off(sp.csr_array(W), sp.csr_array(D), 10).toarray(), expected)
    with pytest.raises(ValueError, match="must have the same shape"):
        back_off(sp.csr_array(W), sp.csr_array(D[:3]))


@pytest.mark.parametrize("sublinear", [False, True])
@pytest.mark.parametrize("smooth", [False, True])
def test_tfidf_is_scikit_learns(sublinear, smooth):
    text = pytest.importorskip("sklearn.feature_extraction.text")
    X = np.delete(counts(), 5, axis=1)
    expected = text.TfidfTransformer(sublinear_tf=sublinear, smooth_idf=smooth).fit_transform(X)
    np.testing.assert_allclose(tfidf(sp.csr_array(X), sublinear, smooth).toarray(), expected.toarray(), atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda X: ppmi(-X), "finite numbers from 0 on"),
        (lambda X: ppmi(X, shift=0.5), "shift must be 1 or more"),
        (lambda X: ppmi(X, power=0), "power must lie"),
        (lambda X: ppmi(X, smoothing=-1), "smoothing must be"),
        (lambda X: discounted(X, -1), "amount must be"),
        (lambda X: thresholded(X, words=np.nan), "words must be"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call(sp.csr_array(counts()))
