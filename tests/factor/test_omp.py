"""Orthogonal matching pursuit: beside least squares anew in each step, scikit-learn's supports, what is left out."""

import tracemalloc
import warnings

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse as sp
import twins
from sklearn.linear_model import orthogonal_mp_gram

from ptembed.factor import omp as module
from ptembed.factor.neighbours import unit_rows
from ptembed.factor.omp import Pursuit, omp

RNG = np.random.default_rng(0)
X = sp.random_array((60, 30), density=0.3, format="csr", rng=RNG, data_sampler=RNG.standard_normal)
X.data[X.indptr[4] : X.indptr[5]] = 0
D = unit_rows(sp.random_array((45, 30), density=0.4, format="csr", rng=RNG, data_sampler=RNG.standard_normal)).toarray()


def coded(X, D, *args, **options):
    return np.array([twins.matching_pursuit(x, D, *args, **options) for x in X.toarray()])


@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("rows", [sp.csr_array, sp.csr_matrix, sp.csc_array, sp.csr_array.toarray])
@pytest.mark.parametrize("atoms", [np.asfortranarray, sp.csr_array])
def test_codes_are_least_squares_step_by_step(rows, atoms, positive):
    codes = omp(rows(X), atoms(D), 5, positive=positive)
    np.testing.assert_allclose(codes.C.toarray(), coded(X, D, 5, positive=positive), atol=1e-9)
    np.testing.assert_allclose(codes.errors, ((X - codes.C @ D) ** 2).sum(axis=1), atol=1e-9)
    assert codes.C.has_canonical_format and (codes.dependent == -1).all() and codes.C[[4]].nnz == 0
    assert not positive or codes.C.data.min() > 0


@pytest.mark.parametrize("positive", [False, True])
def test_until_the_residual_is_small(positive):
    codes = omp(X, D, residual=0.4, positive=positive)
    np.testing.assert_allclose(codes.C.toarray(), coded(X, D, 45, 0.4, positive=positive), atol=1e-8)
    assert len(set(np.diff(codes.C.indptr).tolist())) > 3
    both = omp(X, D, 2, residual=0.4, positive=positive)
    np.testing.assert_allclose(both.C.toarray(), coded(X, D, 2, 0.4, positive=positive), atol=1e-8)


def test_supports_are_those_of_scikit_learn():
    rows = RNG.standard_normal((300, 30))
    for options, ours in (({"n_nonzero_coefs": 6}, {"n_nonzero": 6}), ({"tol": None}, {"residual": 0.3})):
        theirs = []
        for x in rows:
            tol = {"tol": 0.09 * (x @ x), "norms_squared": [x @ x]} if "tol" in options else options
            theirs.append(orthogonal_mp_gram(D @ D.T, (D @ x)[:, None], **tol))
        found = omp(rows, D, **ours).C.toarray()
        np.testing.assert_array_equal(found != 0, np.array(theirs) != 0)
        np.testing.assert_allclose(found, theirs, atol=1e-9)


def test_single_precision():
    codes, exact = omp(X.astype("float32"), D, 5), omp(X, D, 5)
    assert codes.C.dtype == "float32" and codes.errors.dtype == "float64"
    np.testing.assert_array_equal(codes.C.indices, exact.C.indices)
    np.testing.assert_allclose(codes.C.data, exact.C.data, rtol=1e-3, atol=1e-5)
    assert omp(X.astype("float32"), D, 5, positive=True).C.dtype == "float32"


def test_with_all_atoms_it_is_least_squares():
    few = D[:25]
    found = omp(X, few, 25).C
    np.testing.assert_allclose(found @ few, X @ np.linalg.pinv(few) @ few, atol=1e-6)
    found = omp(X, D, 30, positive=True).C.toarray()
    expected = np.array([scipy.optimize.nnls(D.T, x)[0] for x in X.toarray()])
    np.testing.assert_allclose(found @ D, expected @ D, atol=1e-6)


def test_more_atoms_than_the_rank():
    low = RNG.standard_normal((20, 3)) @ RNG.standard_normal((3, 30))
    atoms = unit_rows(RNG.standard_normal((50, 3)) @ RNG.standard_normal((3, 30)))
    codes = omp(low @ np.linalg.pinv(atoms) @ atoms, atoms, 10)
    assert np.diff(codes.C.indptr).max() == 3 and codes.errors.max() < 1e-12


@pytest.mark.parametrize("positive", [False, True])
def test_an_atom_in_the_span_of_others_is_left_out(positive):
    atoms = unit_rows(np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [1, 1, 1e-3, 0], [0, 0, 1e-4, 1]]))
    rows = np.array([[3, 0.9, 0.5, 1e-5], [0, 0, 0, 1]])
    options = {"n_nonzero": 3, "positive": positive}
    single = omp(rows.astype("float32"), atoms, **options)
    assert single.dependent.tolist() == [2, -1] and single.C[[0]].indices.tolist() == [0, 1, 3]
    double = omp(rows, atoms, **options)
    assert double.dependent.tolist() == [-1, -1] and 2 in double.C[[0]].indices


def test_a_weight_that_becomes_negative_goes():
    atoms = unit_rows(np.array([[1.0, 1, 1], [1, 1, 0], [0, 1, 1]]))
    x = np.array([[1.0, 2.2, 1]])
    assert (omp(x, atoms, 3).C.toarray()[0, 0]) < 0
    found = omp(x, atoms, 3, positive=True).C
    assert found.indices.tolist() == [1, 2]
    np.testing.assert_allclose(found.toarray()[0], scipy.optimize.nnls(atoms.T, x[0])[0], atol=1e-12)


@pytest.mark.parametrize("positive", [False, True])
def test_blocks_and_threads_make_no_difference(positive, monkeypatch):
    whole = omp(X, D, 4, positive=positive)
    monkeypatch.setattr(module, "BLOCK", 200)
    for part in (omp(X, D, 4, positive=positive), omp(X, D, 4, positive=positive, n_threads=3)):
        np.testing.assert_array_equal(part.C.toarray(), whole.C.toarray())
        np.testing.assert_array_equal(part.errors, whole.errors)


def test_neither_rows_nor_products_are_ever_there_in_full():
    many = sp.random_array((30_000, 30), density=0.05, format="csr", rng=RNG)
    pursuit = Pursuit(D, "float64", 2)
    pursuit.codes(many[:10])
    tracemalloc.start()
    codes = pursuit.codes(many)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert codes.C.nnz > 20_000 and peak < 30_000 * 30 * 8 / 2  # half of X in full, a third of the products


@pytest.mark.parametrize("scale", [1e-25, 1e25])
@pytest.mark.parametrize("positive", [False, True])
def test_the_scale_does_not_matter(scale, positive):
    rows = X.toarray().astype("float32")
    for kind in (np.asarray, sp.csr_array):
        scaled = omp(kind((scale * rows).astype("float32")), D, 3, positive=positive).C
        np.testing.assert_allclose(scaled.toarray() / scale, omp(rows, D, 3, positive=positive).C.toarray(), atol=1e-4)


def test_zeros_integers_and_ties():
    X = sp.csr_array([[0, 2, 0], [0, 0, 0], [1, 1, 0]])
    atoms = np.array([[0, 0, 0.0], [1, 0, 0], [0, 1, 0], [0, 1, 0]])
    codes = omp(X, atoms, 4)
    assert codes.C.dtype == "float32" and codes.C.toarray().tolist() == [[0, 0, 2, 0], [0, 0, 0, 0], [0, 1, 1, 0]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert omp(sp.csr_array((3, 3)), atoms, 2, positive=True).C.nnz == 0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: omp(X, D), ValueError, "n_nonzero or residual must be given"),
        (lambda: omp(X, D, 46), ValueError, "at most the number of atoms, 45, got 46"),
        (lambda: omp(X, D, 0), ValueError, "n_nonzero must be at least 1, got 0"),
        (lambda: omp(X, D, 2.0), TypeError, "n_nonzero must be an integer"),
        (lambda: omp(X, D, residual=1.0), ValueError, "residual must be a share"),
        (lambda: omp(X, D, residual=np.nan), ValueError, "residual must be a share"),
        (lambda: omp(X, D[:, :7], 2), ValueError, "a column for each of 30 columns of X, got 7"),
        (lambda: omp(X, D, 2, n_threads=0), ValueError, "n_threads must be at least 1"),
        (lambda: omp(X * np.nan, D, 2), ValueError, "X must hold finite numbers, got nan at row 0, column"),
        (lambda: omp(X, np.where(D > 0.4, np.inf, D), 2), ValueError, "D must hold finite numbers, got inf"),
        (lambda: omp(X.toarray()[0], D, 2), ValueError, "must be a matrix with rows and columns, got shape"),
        (lambda: omp(X * 1j, D, 2), TypeError, "X must hold real numbers, got complex128"),
        (lambda: omp(X[:0], D, 2), ValueError, "X must have rows and columns"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
