"""Factorization machines of pyfms learn from dense and from sparse matrices, alike."""

import numpy as np
import pyfms
import pytest
import scipy.sparse as sp

rng = np.random.RandomState(0)
X = (rng.rand(200, 30) < 0.15) * 1.0
y = X[:, :10].sum(1) + X[:, 0] * X[:, 5]


def error_after(epochs, X_format, X):
    np.random.seed(3)
    model = pyfms.Regressor(30, k=4, X_format=X_format)
    model.fit(X, y, optimizer=pyfms.optimizers.Adam(lr=0.05), nb_epoch=epochs, batch_size=50)
    return ((model.predict(X) - y) ** 2).mean()


@pytest.mark.parametrize("X_format, convert", [("dense", np.asarray), ("csr", sp.csr_matrix), ("csc", sp.csc_matrix)])
def test_the_error_falls(X_format, convert):
    error = error_after(5, X_format, convert(X))
    assert error < 0.5 * error_after(0, X_format, convert(X))
    assert error == pytest.approx(error_after(5, "dense", X))


def test_a_classifier_learns():
    np.random.seed(3)
    model = pyfms.Classifier(30, k=4, X_format="csr")
    optimizer = pyfms.optimizers.Adam(lr=0.05)
    model.fit(sp.csr_matrix(X), (y > y.mean()).astype(int), optimizer=optimizer, nb_epoch=20, batch_size=50)
    assert (model.predict(sp.csr_matrix(X)) == (y > y.mean())).mean() > 0.8
