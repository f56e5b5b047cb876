"""The tensor language: constructors, elementwise Ops, reductions, shapes, joining, casts, scalars; what becomes of it.

``python language.py`` with Theano 1.0.5 (Python 3.7, NumPy below 1.17) writes ``language.json``: for each expression
its type and value, its text, or the names of the classes of the error.
"""

import json
import os
import warnings

import numpy as np

EXPRESSIONS = """
    T.dmatrices('a', 'b'); T.dmatrices(2)[1]; T.dmatrices('ab'); T.vectors(['x', 'y']); T.scalars(0); T.fscalars(1)[0]
    T.itensor4s('p'); T.itensor4s('pq')[1]; T.itensor4s('pq', 'r')[0]; T.dmatrices(1); T.matrix('m', 'int8')
    T.matrix(dtype='complex64'); T.tensor('float64', (False,)); T.tensor('float32', (True, False), name='q')
    T.tensor('int8', broadcastable=[True])(); T.row('r'); T.dcol('c'); T.wtensor3(); T.Tensor('int8', (1, 0))()
    T.TensorType('floatX', (0, 1))(); T.TensorType('float64', (False,), name='hi')('v')
    T.TensorType('float64', (False,), sparse_grad=True)(); T.TensorType('float65', ())
    T.TensorType('float64', (False,)).clone(dtype='int8', broadcastable=(True,))(); isinstance(T.dmatrix, T.TensorType)
    [t.dtype for t in T.int_types]; [t.ndim for t in T.float_matrix_types]
    T.dmatrix == T.TensorType('float64', (False, False)); T.as_tensor_variable(True); T.as_tensor_variable(object())
    T.as_tensor_variable('a'); T.as_tensor_variable([T.constant(1.), 2]); T.as_tensor_variable([C(1), 1.5]).dtype
    T.as_tensor_variable([C(u), C(u)]); T.as_tensor_variable(d2, name='n').name; T.as_tensor_variable(d2, ndim=1)
    T.as_tensor_variable(M, ndim=1); T.as_tensor_variable(M, ndim=3); T.as_tensor_variable(T.row(), ndim=1)
    T.as_tensor_variable(range(3)); T.as_tensor_variable(theano.scalar.constant(2)); T.constant([]); T.constant(1)
    T.constant(300); T.constant(1.5); T.constant(2 ** 63); T.constant(-2 ** 70); T.constant(d2, ndim=1)
    T.constant(1, dtype='float32'); T.constant('a'); T.get_scalar_constant_value(C([1, 1]))
    T.get_scalar_constant_value(C([])); T.get_scalar_constant_value(C([1, 2])); T.get_scalar_constant_value(X)
    T.get_scalar_constant_value(T.alloc(3, 2)); T.get_scalar_constant_value(C(2) + 3)
    T.get_scalar_constant_value(np.ones(1)); T.get_scalar_constant_value(None)
    T.get_scalar_constant_value(T.unbroadcast(C([4.]), 0)); T.extract_constant(C(3)); T.extract_constant(X) is X
    C(3).get_scalar_constant_value(); T.get_vector_length([1, 2]); T.get_vector_length(V); T.get_vector_length(M.shape)
    T.get_vector_length(M); T.numpy_scalar(np.ones(2)); T.check_and_normalize_axes(M, None)
    T.check_and_normalize_axes(M, [-1, 0]); T.check_and_normalize_axes(M, 2); T.check_and_normalize_axes(M, 'a')
    str(T.add); str(T.abs_); str(inplace.add_inplace); str(T.fill); T.add == (X + X).owner.op
    isinstance((X + X).owner.op, T.Elemwise); T.abs_(C(-d2)); T.inv(C(u + 1)); T.sgn(C(u - 2)); T.isnan(C(u))
    T.isinf(C(i1)); T.invert(C(i1)); T.sqr(C(i1)); T.square(C(u)); T.neg(C(u)); T.deg2rad(C(u)); T.rad2deg(C(i1))
    T.rad2deg(C(i1.astype('int8'))).dtype; T.angle(C(z1)); T.angle(C(u)); T.real(C(z1)); T.imag(C(z1)); T.conj(C(z1))
    T.complex(C(u), C(u)).imag; T.complex_from_polar(C(u), C(u)).real; T.complex_from_polar(C(-1.), C(0.)).eval()
    abs(C(z1)); T.erf(C(u)); T.psi(C(u + 1)); T.chi2sf(C(1.5), C(2.)); T.gammau(C(2.5), C(d2[0, 1]))
    T.gammal(C(2.5), C(d2[0, 1])); T.gammainc(C(2.5), C(1.)); T.iv(C(1.), C(u)); T.jv(C(1.), C(u))
    T.grad(T.iv(2., X), X).eval({X: 1.}); T.grad(T.deg2rad(X), X).eval({X: 1.}); T.grad(T.rad2deg(X), X).eval({X: 1.})
    T.grad(T.angle(X), X).eval({X: 1.}); T.int_div(C(i1), 2); T.floor_div(C(u), 2); T.div_proxy(C(i1), C(i1 + 1))
    T.div_proxy(C(u), C(i1 + 1)); C(i1).__div__(2); C(i1) / 2; T.true_div(C(i1), 2); T.mod(C(i1), 2); C(z1) % 2
    T.mod_check(C(u), 2); T.divmod(C(i1), 2)[0]; divmod(C(u), 2)[1]; T.ceil_intdiv(C(i1 + 4), 3); T.power(2, 3)
    T.pow(C(u), 2); T.ceil(C(u / 2)); T.round(C(u / 2)); T.round(C(u / 2), 'half_away_from_zero'); T.round(C(u), 'x')
    T.iround(C(u / 2)); T.round(C(i1)); T.clip(C(u), 1, 2); T.switch(C(u) > 1, 1., C(u)); T.where(C(u) > 1, 1, 2)
    T.lt(C(u), 1); T.eq(C(u), C(u)); T.and_(C(i1), 1); T.xor(C(i1), 1); C(i1) | 2; T.maximum(C(u), 1)
    T.smallest(C(u), 1.); T.largest(C(u), C(u) * 0 + 1, C(u) * 0); T.isclose(C(u), C(u) + 1e-9)
    T.allclose(C(u), C(u) + 1); inplace.lt_inplace(M, M); inplace.exp_inplace(T.imatrix()).dtype
    inplace.abs__inplace(T.zmatrix()); inplace.add_inplace(T.row(), M); inplace.transpose_inplace(T.dtensor3()).ndim
    inplace.angle_inplace; inplace.chi2sf_inplace(T.fmatrix(), T.fmatrix()).dtype; T.sum(C(d2), axis=0); T.sum(C(b1))
    T.sum(C(i1), dtype='int8'); T.sum(C(d2), axis=5); T.sum(C(d2), axis=[]); T.sum(C(f4), acc_dtype='float64').dtype
    T.sum(C(u), acc_dtype='float32'); T.prod(C(i1 + 1)); T.prod(V, no_zeros_in_input=True).owner.op.no_zeros_in_input
    T.any(C(d2), axis=0); T.all(C(d2)); T.mean(C(i1)); T.mean(C(f4)).dtype; T.mean(C(i1), dtype='int32'); T.mean(M).name
    T.mean(C(d2), op=True); T.mean(C(d2), dtype='float32', op=True); T.Mean(None)(C(f4)); T.Mean(0)(C(d2))
    T.Mean((0, 1))(C(d2)); T.Mean([1])(C(d2)); T.mean(C(d2), axis=0, keepdims=True); T.var(C(d2), axis=1)
    T.var(C(u), ddof=1); T.std(C(f4)).dtype; T.var(C(u), corrected=True); T.std(C(u), keepdims=True)
    T.ptp(C(d2), axis=1); T.max(C(d2), axis=0); T.max(C(d2), axis=[]); T.max(C(d2), axis=(0, 1))
    T.max(C(d2), axis=C(1)); T.max(C(d2), axis=C([0, 1])); T.max(C(d2), axis=5); T.max(C(b1)); T.min(C(b1))
    T.min(C(u8)); T.min(C(z1)); T.argmin(C(u8)); T.argmax(C(d2), axis=[0, 1]); T.argmax(C(d2), axis='a')
    T.argmin(C(d2), axis=-1); T.max_and_argmax(C(d2), axis=1); T.max_and_argmax(C(d2), axis=1, keepdims=True)[1]
    T.MaxAndArgmax([1])(C(d2)); T.MaxAndArgmax([0, 1])(C(d2)); T.grad(T.MaxAndArgmax([0])(M)[0].sum(), M).eval({M: d2})
    isinstance(T.max_and_argmax(M, 0)[1].owner.op, (T.MaxAndArgmax, T.Argmax)); T.makeKeepDims(C(d2), C(d2[0]), 0)
    T.cov(C(d2)); elemwise.CAReduce(theano.scalar.add, axis=[0])(C(d2))
    elemwise.CAReduceDtype(theano.scalar.mul)(C(i1)); elemwise.Sum(axis=[1])(C(d2))
    elemwise.Prod(dtype='float32')(C(u)).dtype; elemwise.ProdWithoutZeros()(C(u)); elemwise.All()(C(b1))
    elemwise.Any(0)(C(d2 > 1)); T.DimShuffle((False, True), (0,))(T.col()).ndim
    T.DimShuffle((False, False), (1, 'x', 0))(C(d2)); T.DimShuffle((False, False), (0,)); T.DimShuffle((False,), (0, 0))
    T.reshape(C(d2), (3, 2)); T.reshape(C(d2), (-1,), 1); T.reshape(C(d2), V.shape, 1).ndim; T.Reshape(1)(C(d2), [6])
    T.reshape(C(d2), (4, 2)).eval(); T.flatten(C(t3), 2); T.flatten(C(t3), ndim=1, outdim=1); T.flatten(C(t3), 4)
    T.flatten(T.row()).broadcastable; T.flatten(T.addbroadcast(M, 0, 1)).broadcastable; T.Flatten(2)(C(t3))
    T.grad(T.Flatten()(M)[1], M).eval({M: d2}); T.is_flat(V); T.is_flat(M, ndim=2); T.is_flat(M, outdim=1)
    T.tile(C(d2), (2, 1)); T.tile(C(d2), 2); T.tile(C(d2), C(2)); T.tile(C(d2), C([2, 1]))
    T.tile(C(d2), (1, 2), ndim=1); T.tile(C(d2), 1.5); T.tile(C(u), (1.5,)); T.tile(C(u), C([[1]]))
    T.Tile(2)(C(d2), [1, 2]); T.addbroadcast(M, 0).broadcastable; T.addbroadcast(M, 5)
    T.unbroadcast(T.row(), 0).broadcastable; T.unbroadcast(M, 0) is M
    T.patternbroadcast(M, (True, False)).broadcastable; T.unbroadcast(T.addbroadcast(M, 0), 0) is M
    T.addbroadcast(C(d2), 0).eval(); T.patternbroadcast(M, (False, False)) is M; T.shape_padleft(C(u), 2)
    T.shape_padright(C(u)); T.shape_padaxis(C(d2), 1); T.shape_padaxis(C(d2), -4); T.swapaxes(C(t3), 0, 2)
    T.transpose(C(t3), (1, 0, 2)); T.transpose(T.dmatrix('n')).name; T.transpose(T.dvector('n')).name; M.T.ndim
    C(t3).transpose(1, 0, 2); C(t3).swapaxes(0, 1); T.roll(C(d2), 1); T.roll(C(d2), -1, axis=1); T.join(0, C(d2), C(d2))
    T.join(C(1), C(d2), C(d2)); T.join(-1, C(d2), C(d2)); T.join(0, C(d2), C(u)); T.join(0, C(d2))
    T.join(T.lscalar(), M, M).ndim; T.join(K, C(d2), C(d2)).eval({K: 1}); T.join(K, C(d2), C(d2)).shape.eval({K: 1})
    T.grad(T.join(K, M, M)[0, 3], M).eval({K: 1, M: d2}); T.join(1.5, M, M); T.Join(view=0)(0, C(u), C(u))
    T.concatenate([C(d2), C(f4[:2])], axis=1); T.concatenate(M); T.stack(C(1.), 2); T.stack([C(d2), C(d2)], axis=-1)
    T.stack([]); T.stack([1, 2.5]).dtype; T.split(C(u), [1, 2, 1], 3)[1]
    [s.eval({K: 1}) for s in T.split(C(d2), [1, 2], 2, axis=K)]; T.Split(2)(C(u), 0, [1, 3])[1]
    T.split(C(u), [1, 1], 2)[0].eval(); T.grad(T.split(M, [1, 2], 2, axis=K)[1].sum(), M).eval({K: 1, M: d2})
    T.stacklists([[C(1), C(2)], [C(3), C(4)]]); T.horizontal_stack(C(d2), C(d2)); T.vertical_stack(M); T.zeros(2)
    T.zeros((2, 1)); T.ones((1,), dtype='int8'); T.zeros_like(C(i1)); T.ones_like(C(d2), dtype='int8')
    T.zeros(M.shape).ndim; T.alloc(1, 2); T.alloc(C(u[:1]), 3, 2).eval(); T.alloc(1., 1.5)
    [bool(b) for b in T.alloc_validate_shape([1, 2])[1]]; T.alloc_validate_shape([1.]); T.AllocEmpty('int8')(2).dtype
    T.eye(2, 3, 1); T.eye(2, dtype='int8').dtype; T.identity_like(C(f4)); T.tri(2, 3, 1); T.Tri()(2, 3, 0)
    T.tril(C(d2)); T.triu(C(d2)); T.triu(C(d2), 1); T.arange(4); T.arange(1, 4, 2); T.arange(4.); T.arange(0, 1, .3)
    T.arange(C(3), dtype='int8').dtype; T.mgrid[0:2, 0:3][1]; T.ogrid[0:2, 0:3][0]; T.diag(C(u[:2]))
    T.diag(C(u[:2]), -1); T.diag(C(d2)); T.diag(C(d2), 1); T.diag(C(t3)).ndim; T.diag(X); T.diagonal(C(t3), 1, 0, 2)
    T.AllocDiag(1)(C(u[:2])); T.ExtractDiag(1)(C(d2)); T.nonzero(C(d2))[0]; T.nonzero(C(d2), return_matrix=True)
    T.nonzero(X); T.flatnonzero(C(d2)); T.nonzero_values(C(d2)); T.flatnonzero(X)
    T.choose(C(i1), C(np.arange(8).reshape(2, 4))); T.choose(C(i1 + 5), C(np.arange(8).reshape(2, 4)), mode='clip')
    T.choose(C(i1), M, out=1); T.permute_row_elements(C(u[:3]), C([2, 0, 1]))
    T.permute_row_elements(C(u[:3]), C([2, 0, 1]), inverse=1); T.inverse_permutation(C([2, 0, 1])); T.default(X, C(1.))
    T.default(X, X * 2).eval({X: 3.}); T.default(X, M); T.cast(C(u), 'int8'); T.cast(C(z1), 'float64')
    T.cast(C(u), 'floatX').dtype; T.cast(X, 'float64') is X; C(u).astype('bool')
    T._convert_to_int8(C(u)).dtype if hasattr(T, '_convert_to_int8') else T.basic._convert_to_int8(C(u)).dtype
    T.transfer(X, 'cpu') is X; T.transfer(X, 'moon'); T.dot(C(d2), C(u[:3])); T.dot(2., C(d2))
    T.dot(C(t3), C(d2)).shape.eval(); T.Dot()(C(u), C(u)); T.Dot()(C(t3), C(u)); T.dot(C(d2), C(d2)).eval()
    T.outer(C(u), C(u[:2])); T.outer(C(d2), C(u[:2])); T.tensordot(C(d2), C(d2), [[0, 1], [0, 1]])
    T.tensordot(C(t3), C(d2), [[2], [0]]); T.tensordot(M, M, 3); T.tensordot(M, M, [[0], [0, 1]])
    T.tensordot(M, M, [[0, 1]]); T.tensordot(C(u), C(u), 0); T.batched_dot(C(t3), C(t3.transpose(0, 2, 1)))
    T.batched_dot(C(d2), C(d2)); T.batched_dot(C(d2[:, 0]), C(d2)); T.batched_dot(C(t3), C(t3[:, 0]))
    T.batched_dot(X, M); T.batched_dot(C(t3), C(d2)).eval(); T.batched_tensordot(C(t3), C(t3), [[1, 2], [1, 2]])
    T.batched_tensordot(C(t3), C(t3.transpose(0, 2, 1)), 1); T.batched_tensordot(T.tensor3(), T.tensor3(), 3)
    T.batched_tensordot(M, M, [[0], [1]]); xlogx.xlogx(C(u)); xlogx.xlogy0(C(u), C(u + 1))
    T.grad(xlogx.xlogx(X), X).eval({X: 2.}); T.grad(xlogx.xlogy0(X, 3.), X).eval({X: 2.}); S.upcast('int8', 'float32')
    S.ints('ab'); S.ints(2); S.floats('x'); str(S.add); S.add(1, 2.5).dtype; S.constant(2).dtype; S.as_scalar(1.5).dtype
    S.int8('i').dtype; S.cast(S.int8(), 'float32').dtype; S.inopenrange(1., 0., 2.).dtype
    S.div_proxy(S.int8(), S.int8()).owner.op == S.int_div; S.int_or_true_div(False, True) == S.true_div
    S.transfer_type(0)(S.float32, S.int8)[0] == S.float32; S.transfer_type(S.int8)
    S.unary_out_lookup({S.int8: S.int32})(S.int8)[0] == S.int32; S.unary_out_lookup({S.int8: S.int32})(S.int16)
    S.float_out_nocomplex(S.complex64); S.Scalar('float64') == S.float64; S.autocast_float.dtypes
    S.convert(1.5, 'int8'); [v.dtype for v in S.as_common_dtype(S.float32(), S.int64())]; S.discrete_types[0] == S.bool
    isinstance(S.sgn, S.Sgn); isinstance(S.inv, S.Inv); isinstance(theano.shared(1.), T.sharedvar.ScalarSharedVariable)
    isinstance(theano.shared(u), T.sharedvar.ScalarSharedVariable); T._shared(u).get_value(); T._shared([1])
    T._shared(u, target='moon'); T._shared(d2[:1], broadcastable=(True, False)).broadcastable
    T.sharedvar.scalar_constructor('a'); T.load('x.npz', 'float64', (False,)).eval()
    T.load('x.npy', 'float64', (False,), mmap_mode='r'); T.load('x.npy', 'float64', (False, True)).broadcastable
    isinstance(X * 2, T.var._tensor_py_operators)
""".replace("\n", ";")


def names() -> dict:
    """What an expression can speak of: small fixed arrays, variables and modules."""
    import theano
    import theano.tensor as T
    import theano.tensor.inplace
    import theano.tensor.sharedvar
    import theano.tensor.xlogx

    modules = {"theano": theano, "T": T, "S": theano.scalar, "np": np, "C": T.constant, "inplace": T.inplace}
    modules.update({"elemwise": T.elemwise, "xlogx": T.xlogx})
    variables = {"X": T.dscalar("X"), "V": T.dvector("V"), "M": T.dmatrix("M"), "K": T.lscalar("K")}
    arrays = {
        "d2": np.arange(6.0).reshape(2, 3) / 2,
        "t3": np.arange(12.0).reshape(2, 2, 3)[:, :, :2],
        "u": np.array([0.0, 1.0, 2.5, 3.0]),
        "i1": np.array([1, 0, 1, 1]),
        "z1": np.array([1 + 2j, -1j]),
        "b1": np.array([True, False]),
        "u8": np.array([3, 250], dtype="uint8"),
        "f4": np.ones((3, 3), "float32") / 4,
    }
    return {**modules, **variables, **arrays}


def outcome(expression: str):
    """What the expression gives, as plain data."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _plain(eval(expression, names()))
    except Exception as error:
        return {"error": [base.__name__ for base in type(error).__mro__ if base not in (BaseException, object)]}


def _plain(result):
    if hasattr(result, "owner") and hasattr(result, "type"):
        return _plain_variable(result)
    if isinstance(result, (np.ndarray, np.generic)):
        return {"dtype": str(result.dtype), "value": np.asarray(result).astype("float64").tolist()}
    if isinstance(result, (list, tuple)):
        return [_plain(item) for item in result]
    return result if isinstance(result, (bool, int, float, str, type(None))) else str(result)


def _plain_variable(variable):
    form = {"dtype": str(variable.type.dtype), "broadcastable": [bool(b) for b in variable.type.broadcastable]}
    if variable.owner is None and variable.name:
        form["name"] = variable.name
    try:
        value = variable.eval()
    except Exception:
        return form  # needs an input
    if variable.owner is not None or hasattr(variable, "data"):
        del form["broadcastable"]  # PyTensor knows more lengths
        form["shape"] = list(value.shape)
        form["value"] = np.asarray(value).real.astype("float64").tolist()
    return form


def expressions() -> list:
    return [e.strip() for e in EXPRESSIONS.split(";") if e.strip()]


if __name__ == "__main__":
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "language.json"), "w") as file:
        json.dump({e: outcome(e) for e in expressions()}, file, indent=0, sort_keys=True)
        file.write("\n")
