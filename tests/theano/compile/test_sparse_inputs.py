"""Functions of sparse matrices that are compiled as functions of their arrays."""

import numpy as np
import pytest
import scipy.sparse as sp

from ptembed import theano
from ptembed.theano import sparse
from ptembed.theano import tensor as T
from ptembed.theano.compile import tiered
from ptembed.theano.compile.sparse_inputs import TakenApart

rng = np.random.default_rng(0)
rows, columns = (sp.random(4, 3, 0.5, format, random_state=1) for format in ("csr", "csc"))
W = rng.normal(size=(3, 2))


def answers(linker):
    x, y, w = sparse.csr_matrix(), theano.shared(columns), T.dmatrix()
    outputs = [sparse.dot(x, w), sparse.dense_from_sparse(y), x, sparse.dot(y, w).sum()]
    f = theano.function([x, w], outputs, mode=theano.Mode(linker, "fast_run"))
    given = [rows, 2 * rows, sp.csr_matrix((4, 3)), sp.random(6, 3, 0.5, "csr", random_state=2)]
    results = [f(matrix, W) for matrix in given]
    y.set_value(3 * columns)
    return [*results, f(rows, W)], f


@pytest.mark.filterwarnings("error:a function runs node by node")
def test_the_numbers_are_those_of_the_matrices(monkeypatch):
    monkeypatch.setattr(tiered, "BUDGET", 1)
    got, f = answers(tiered.TieredLinker())
    assert isinstance(f.vm.tier, TakenApart)
    for one, other in zip(got, answers("py")[0], strict=True):
        for a, b in zip(one, other, strict=True):
            assert sp.issparse(a) == sp.issparse(b)
            a, b = (value.toarray() if sp.issparse(value) else value for value in (a, b))
            np.testing.assert_allclose(a, b, rtol=1e-14)
