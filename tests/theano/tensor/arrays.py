"""Indexing, sorting and linear algebra in Theano's language, and what becomes of them there.

``python arrays.py`` with Theano 1.0.5 (Python 3.7, NumPy below 1.17) writes ``arrays.json``: for each expression its
value, or the names of the classes of the error.
"""

import json
import os
import re

import numpy as np

EXPRESSIONS = """
    isinstance(M[I].owner.op, T.AdvancedSubtensor1); isinstance(M[I, I].owner.op, T.AdvancedSubtensor1)
    isinstance(M[I, I].owner.op, T.AdvancedSubtensor); isinstance(M[I].owner.op, T.AdvancedSubtensor)
    isinstance(M[1].owner.op, T.Subtensor); isinstance(M[I].owner.op, T.Subtensor)
    isinstance(T.inc_subtensor(M[I], 1).owner.op, T.AdvancedIncSubtensor1)
    isinstance(T.inc_subtensor(M[I, I], 1).owner.op, T.AdvancedIncSubtensor)
    isinstance(T.inc_subtensor(M[1], 1).owner.op, T.IncSubtensor); M[I, I].owner.op == M[I, I].owner.op
    T.advanced_subtensor1(C(d2), C([1, 0, 1])); T.advanced_inc_subtensor1(C(d2), C(d2[:1]), C([1, 1]))
    T.advanced_set_subtensor1(C(d2), C(d2[:1]), C([1])); T.advanced_subtensor(C(d2), C([1, 0]), C([2, 2]))
    T.advanced_inc_subtensor(C(d2), C(2.), C([1, 1]), C([2, 2])); T.advanced_subtensor1(C(d2), C([[1]]))
    T.advanced_subtensor1(C(d2), C([1.])); T.advanced_subtensor1(C(1.), C([1]))
    T.AdvancedSubtensor1(sparse_grad=True)(C(d2), C([1]))
    T.advanced_inc_subtensor1(C(d2), C(np.ones((2, 2, 2))), C([1])); C(d2)[C([1., 0.])]; C(d2)[True]
    C(d2)[[True, False]]; theano.function([M, N], T.inc_subtensor(M[:2], N))(d2, d2[:1])
    theano.function([M, N], T.set_subtensor(M[[1, 0]], N))(d2, d2[:, :2])
    theano.function([V, M], T.set_subtensor(T.addbroadcast(M, 0)[:, 1:], V))(np.ones(2), d2[:1])
    T.inc_subtensor(C(d2)[0], N); T.inc_subtensor(C(d2), 1.)
    theano.function([T.col('u'), V], T.inc_subtensor(T.col('u')[:], 1.), on_unused_input='ignore')
    C(d2)[np.array([True, False])]; C(d2)[C(d2) > 1]; C(d2)[C(d2).nonzero()]; C(d2)[..., 1]; C(d2)[0, 0, 0]; C(d2)[5]
    T.inc_subtensor(C(d2)[C(d2) > 1], 1.); theano.function([S], V[S], on_unused_input='ignore').__class__.__name__
    theano.function([V, S], V[S])(np.arange(9.), slice(6, 1, -2)); theano.function([M, S], M[S, 1])(d2, slice(None))
    T.take(C(d2), C([1, 7]), axis=1, mode='clip'); T.take(C(d2), C([1, -7]), axis=1, mode='wrap')
    T.take(C(d2), C([1, 4])); C(d2).take(0, axis=-1); C(d2).take(C([[1, 0], [0, 1]]), axis=1)
    T.Subtensor([])(V).ndim; T.Subtensor.convert(C(d2)); T.Subtensor.convert(C(d2 > 1)); T.Subtensor.convert(C(1.))
    T.Subtensor.convert(3); T.Subtensor([theano.scalar.int8])(C(d2), C(1))
    T.Subtensor([slice(theano.scalar.int8, None, None)])(C(d2), C(1))
    T.IncSubtensor([theano.scalar.int8], set_instead_of_inc=True)(C(d2), C(5.), C(1)); T.sort(C(u))
    T.sort(C(d2[:, ::-1]), axis=None); T.sort(C(d2[::-1]), C(0)); T.sort(C(d2[:, ::-1]), C(-1.)); T.argsort(C(u))
    C(u).sort(); C(u).argsort(); T.argsort(C(d2[::-1]), axis=C(0)); T.sort(C(u), kind='heapsort')
    T.sort(C(u), kind='bogo').eval(); T.grad(T.dot(T.sort(V), C(u)), V).eval({V: u})
    T.grad(T.dot(T.sort(V, C(0)), C(u)), V).eval({V: u}); T.sort(C(1.), 0).eval(); T.topk(C(u), 2)
    T.topk(C(u), 0, sorted=False).eval(); T.topk(C(u), 9, sorted=False).eval(); T.topk(C(1.), 1, sorted=False)
    T.topk(C(d2), 1, axis=5, sorted=False); T.argtopk(C(u), 1, sorted=False, idx_dtype='float32')
    T.argtopk(C(u), 1, sorted=False, idx_dtype='int8').dtype; T.sort(T.topk(C(u), 3, sorted=False))
    T.sort(T.topk(C(u), -2, sorted=False)); T.topk(C(d2), 1, axis=0, sorted=False)
    T.argtopk(C(d2), -1, axis=1, sorted=False); T.sort(T.argtopk(C(d2), 2, axis=None, sorted=False))
    T.grad(T.topk(V, 2, sorted=False).sum(), V).eval({V: u}); T.topk_and_argtopk(C(u), 1, sorted=False)
    X.diff(C(d2)); X.diff(C(d2), 2); X.diff(C(d2), axis=0); X.diff(C(d2), 0)
    T.grad(T.dot(X.diff(V), C(u)[1:]), V).eval({V: u}); X.bincount(C(i8)); X.bincount(C(i8)).dtype
    X.bincount(C(i8), C(u)[:3], minlength=6); X.bincount(C(d2)); X.bincount(C(-i8), assert_nonneg=True).eval()
    X.repeat(C(d2), 2); X.repeat(C(d2), C([1, 2, 3]), axis=1); X.repeat(C(d2), 2, axis=-1); X.repeat(C(d2), 1.5)
    X.repeat(C(d2), C(i8.astype('uint64')), 1); X.repeat(C(d2), 2, axis=2); X.repeat(C(d2), [[1]])
    X.RepeatOp()(C(d2), C(2)); X.RepeatOp(1)(C(d2), C([1, 0, 2]))
    T.grad(X.RepeatOp(1)(M, 2).sum() * 3, M).eval({M: d2}); X.squeeze(T.row()).ndim; X.cumsum(C(d2))
    X.cumprod(C(d2), 0); X.cumsum(C(d2), 5); X.CumOp(mode='mul')(C(d2)); X.CumOp(-1)(C(d2)); X.bartlett(4)
    X.bartlett(1.5); X.fill_diagonal(C(d2), 7); X.fill_diagonal(C(i8), 7); X.fill_diagonal(C([[1]]), 1.5)
    X.fill_diagonal_offset(C(d2), 7, 1); X.fill_diagonal_offset(C(d2), 7, 1.5); X.to_one_hot(C([1, 0]), 3)
    X.to_one_hot(C([1, 0]), 3, 'int32').dtype; X.Unique(True, True, True)(C(d2 // 1), return_list=True)
    X.Unique(axis=-1)(C(d2 // 1)); X.Unique(axis=2)(C(d2)); X.unravel_index(C([5, 1]), (2, 3))
    X.unravel_index(C([5, 1]), (2, 3), order='F'); X.unravel_index(C([5]), T.ivector())
    X.unravel_index(C([5, 1]), C([2, 3]), ndim=2); X.unravel_index(C([1.]), (2, 3)); X.unravel_index(C([1]), 3)
    X.ravel_multi_index((C([1, 0]), C([2, 1])), (2, 3)); X.ravel_multi_index((C([1]), C([5])), (2, 3), mode='clip')
    X.ravel_multi_index(C([1]), (2, 3)); X.searchsorted(C(d2[0]), C(0.5))
    X.searchsorted(C(d2[0]), C([0.5]), side='right'); X.searchsorted(C(d2[0]), C([0.5]), side='middle')
    X.searchsorted(C(d2), C(1.)); L.matrix_inverse(C(s2)); L.matrix_inverse(C(np.ones((2, 2)))).eval()
    L.matrix_inverse(C(s2.astype('int32'))).dtype; T.grad(L.matrix_inverse(M).sum(), M).eval({M: s2})
    L.matrix_inverse(V); L.det(C(s2)); T.grad(L.det(M), M).eval({M: s2}); L.trace(C(d2)); L.trace(V)
    L.diag(C(u[:2])); L.diag(C(d2)); L.diag(T.tensor3()); L.alloc_diag(M); L.extract_diag(V); L.eig(C(turn))[0]
    L.eig(C(s2))[0].dtype; L.eigh(C(s2))[0]; T.grad(L.eigh(M)[0][0], M).eval({M: s2})
    T.grad(L.eigh(M, 'U')[0][0], M).eval({M: s2}); T.grad((L.eigh(M)[1] ** 3).sum() ** 2, M).eval({M: s2})
    L.eigh(C(s2), 'X'); L.svd(C(d2), 1, 0); [v.ndim for v in L.svd(M)]; L.qr(C(d2), 'r').shape
    [v.shape for v in L.qr(C(d2), 'complete')]; [v.shape for v in L.qr(C(d2), 'raw')]; abs(L.qr(C(d2))[1])
    L.qr(C(d2), 'none'); L.norm(C(u), None); L.norm(C(u), 'inf'); L.norm(C(u), '-inf'); L.norm(C(u), 0)
    L.norm(C(u), 3); L.norm(C(u), 'fro'); L.norm(C(d2), None); L.norm(C(d2), 'fro'); L.norm(C(d2), 'inf')
    L.norm(C(d2), '-inf'); L.norm(C(d2), 1); L.norm(C(d2), -1); L.norm(C(d2), 2); L.norm(C(1.), None)
    L.norm(T.tensor3(), None); L.matrix_power(C(s2), 3); L.matrix_power(C(d2), 3).eval()
    L.matrix_dot(C(s2), C(s2), C(s2)); L.pinv(C(d2)); [v.ndim for v in L.lstsq()(M, N, C(-1.))]
    L.lstsq()(C(s2), C(s2), C(-1.))[0]; L.tensorinv(C(np.eye(4).reshape(2, 2, 2, 2)))
    L.tensorsolve(C(np.eye(4).reshape(2, 2, 2, 2)), C(s2)); K.cholesky(C(s2)); K.Cholesky(lower=False)(C(s2))
    K.cholesky(C(-s2)).eval(); K.Cholesky(on_error='nan')(C(-s2)).eval().shape; K.Cholesky(on_error='x')
    T.grad((K.cholesky(M) ** 2).sum() * M[0, 0], M).eval({M: s2})
    T.grad(K.Cholesky(lower=False)(M)[0, 1], M).eval({M: s2}); T.grad(K.cholesky(M)[1, 1], M).eval({M: s2})
    K.solve(C(s2), C(u[:2])); K.solve(C(s2), C(s2)); K.solve(C(np.zeros((2, 2))), C(u[:2])).eval()
    K.solve(C(s2.astype('int8')), C(i8[:2])).dtype
    K.solve(C(s2.astype('float32')), C(u[:2].astype('float32'))).dtype; K.solve_lower_triangular(C(s2), C(u[:2]))
    K.solve_upper_triangular(C(s2), C(u[:2])); K.solve_symmetric(C(s2), C(u[:2])); K.Solve('round'); K.solve(V, V)
    T.grad(K.solve(M, C(u[:2])).sum(), M).eval({M: s2})
    T.grad(K.solve_lower_triangular(M, C(u[:2])).sum(), M).eval({M: s2})
    T.grad(K.solve(C(s2), V).sum(), V).eval({V: u[:2]}); K.eigvalsh(C(s2), T.NoneConst); K.eigvalsh(C(s2), C(2 * s2))
    T.grad(K.eigvalsh(M, C(np.eye(2)))[0], M).eval({M: s2})
    T.grad(K.eigvalsh(M, C(np.eye(2)), lower=False)[0], M).eval({M: s2}); K.kron(C(s2), C(d2)); K.kron(C(u), C(u))
    K.kron(C(d2), C(u[:2])); K.expm(C(s2)); T.grad(K.expm(M).sum(), M).eval({M: s2}); K.MATRIX_STRUCTURES
    R.rfft(C(d2[:, :2])); R.rfft(C(d2[:, :2]), 'ortho'); R.rfft(C(d2[:, :2]), 'x'); R.irfft(R.rfft(C(t34)))
    R.irfft(R.rfft(C(t35)), is_odd=True); R.irfft(R.rfft(C(t34), 'no_norm'), 'ortho')
    T.grad((R.rfft(M) ** 2).sum(), M).eval({M: t34}); F.fft(C(d2)); F.fft(C(d2), 2, 0); F.fft(C(d2), axis=3)
    B.gemm(C(s2), 2., C(s2), C(s2), .5); B.gemv(C(u[:2]), 2., C(s2), C(u[:2]), .5)
    B.ger(C(s2), C(2.), C(u[:2]), C(u[:2])); B.ger(C(s2), C(2.), C(u[:2]), C(s2)); B._dot22(C(s2), C(s2))
    B._dot22scalar(C(s2), C(s2), C(2.)); B.gemm_no_inplace([1.], 1., [1.], [1.], 1.); B.gemm_inplace(M, 1., M, M, 1.)
    B.res_is_a(T.sqrt(V), T.sqrt); B.res_is_a(V, T.sqrt); B.batched_dot(C(t3), C(t3)); B.Gemv(True) == B.gemv_inplace
    B.Ger(False) == B.ger
""".replace("\n", ";")


def names():
    """What an expression can speak of: modules, small fixed arrays, variables."""
    import theano
    import theano.tensor as T
    from theano.tensor import blas, extra_ops, fft, fourier, nlinalg, slinalg

    d2 = np.arange(6.0).reshape(2, 3) / 2
    return {
        **{"theano": theano, "T": T, "np": np, "C": T.constant, "X": extra_ops, "L": nlinalg, "K": slinalg},
        **{"R": fft, "F": fourier, "B": blas, "M": T.dmatrix("M"), "N": T.dmatrix("N"), "V": T.dvector("V")},
        **{"I": T.lvector("I"), "S": T.slicetype("S"), "d2": d2, "u": np.array([3.0, -1.0, 2.0, 0.5]) + d2[1, 1]},
        **{"i8": np.array([1, 3, 1], "int8"), "s2": np.array([[4.0, 1.0], [1.0, 3.0]])},
        **{"t3": d2.reshape(2, 3, 1)[:, :1], "t34": np.arange(12.0).reshape(3, 4) % 5},
        **{"t35": np.arange(15.0).reshape(3, 5) % 4, "turn": np.array([[0.0, 1.0], [-1.0, 0.0]])},
    }


def outcome(expression):
    """The value of an expression as plain lists, or the names of the classes of its error."""
    try:
        with np.errstate(all="ignore"):
            value, point = re.match(r"(.*?)(?:\.eval\((.*)\))?$", expression).groups()
            known = names()
            return _plain(eval(value, known), eval(point or "{}", known))
    except Exception as error:
        kinds = [kind.__name__ for kind in type(error).__mro__]
        return {"error": kinds[: kinds.index("Exception")] or ["Exception"]}


def _plain(result, point=()):
    if hasattr(result, "owner") and hasattr(result, "type"):
        import theano

        return _plain(theano.function(list(point), result)(*[point[v] for v in point]))
    if isinstance(result, (list, tuple)):
        return [_plain(part) for part in result]
    if isinstance(result, (bool, int, str)):
        return result
    array = np.asarray(result)
    kept = [array.real, array.imag] if array.dtype.kind == "c" else array
    return {"dtype": str(array.dtype), "value": np.asarray(kept).astype("float64").tolist()}


def expressions():
    return [e.strip() for e in EXPRESSIONS.split(";") if e.strip()]


if __name__ == "__main__":
    os.environ["THEANO_FLAGS"] = "cxx=,optimizer_excluding=fusion,floatX=float64"
    import theano as real

    if real.__version__ != "1.0.5":
        raise SystemExit(f"arrays.json holds what Theano 1.0.5 gives, got {real.__version__}")
    record = {e: outcome(e) for e in expressions()}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "arrays.json"), "w") as file:
        json.dump(record, file, indent=0, sort_keys=True)
        file.write("\n")
