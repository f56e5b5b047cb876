"""Expressions in Theano's language, and what becomes of them; the same code runs on real Theano and on the drop-in.

``python expressions.py`` with Theano 1.0.5 (Python 3.7, NumPy below 1.17) writes ``expressions.json``: for each
expression its type and its value, or the kind of the error.
"""

import json
import os
import platform

import numpy as np

EXPRESSIONS = """
    T.scalar(); T.vector('v'); T.matrix('m', 'int8'); T.row(); T.col('c', 'float32'); T.tensor3(dtype='int32')
    T.tensor4(); T.tensor('float32', (False, True), 'q'); T.tensor('int64', [True])
    T.bscalar(); T.ivector(); T.lmatrix(); T.fmatrix('f'); T.dtensor3(); T.wvector(); T.zmatrix(); T.frow(); T.dcol()
    T.ivectors('a', 'b')[1]; T.matrices(3)[2]; T.scalars('x', 'y')[0]; T.TensorType('float32', (False, True))()
    theano.shared(3); theano.shared(np.float32(3)); theano.shared(np.ones((1, 3))); theano.shared(i4, borrow=True)
    theano.shared(np.ones((1, 3)), broadcastable=(True, False)); theano.shared(f4, target='cpu')
    theano.shared(theano.shared(1.)); theano.shared(1., 'name').name
    T.dot(f4, f4); T.dot(f4[0], f4[0]); T.dot(d2, f4); T.dot(i4, i4)
    C(d2)[C(i1)]; C(d2)[C(i2)]; C(d2)[:, C(i1)]; C(d2)[1]; C(d2)[-1, ::2]; C(d2)[C(i1)].sum(axis=1); C(d2)[9]
    T.set_subtensor(C(d2)[C(i1)], 0.); T.inc_subtensor(C(d2)[C(i1)], 1.); T.inc_subtensor(C(d2)[1], C(d2)[0])
    T.set_subtensor(C(d2)[C(i1)], C(d2)[C(i1)] * 2); T.inc_subtensor(C(f4)[C(i1)], C(d2)[C(i1)])
    T.nnet.sigmoid(d2); T.nnet.sigmoid(C(i1)); T.nnet.sigmoid(C(f4)); T.nnet.softplus(d2); T.nnet.relu(d2 - 2)
    T.nnet.relu(d2 - 2, 0.1); T.nnet.softmax(d2); T.nnet.softmax(d2[0]); T.nnet.softmax(np.ones((2, 2, 2)))
    T.nnet.softmax(C(i2)); T.nnet.sigmoid([C(0.5), C(1.5)])
    T.nnet.binary_crossentropy(p2, 1 - p2); T.nnet.categorical_crossentropy(p2, p2)
    T.nnet.categorical_crossentropy(p2, C(i1)[:2]); T.nnet.categorical_crossentropy(p2, np.ones((2, 2, 2)))
    T.log(C(d2)); T.log(C(i1) + 1); T.exp(C(f4)); T.sqr(C(i1)); T.sqrt(d2); T.abs_(-d2); T.inv(C(d2) + 1); T.sgn(C(d2) - 2)
    T.mean(C(i1)); T.mean(C(f4), axis=0); T.mean(C(d2), axis=1, keepdims=True); T.sum(C(i1)); T.sum(C(f4), axis=-1)
    T.max(d2, axis=0); T.argmax(d2, axis=1); T.std(C(d2)); T.var(C(d2), axis=0); T.prod(C(i1)); T.clip(d2, 1, 2)
    T.stack([d2, d2]); T.stack(d2, d2); T.stack([d2, d2], axis=1); T.stack(); T.concatenate([d2, d2], axis=1)
    T.reshape(C(d2), (3, 2)); T.reshape(C(d2), (-1,), 1); C(d2).reshape((3, 2), 2); C(d2).reshape(C(np.array([3, 2])), 2)
    T.flatten(C(t3), 2); T.flatten(C(t3), outdim=2); T.flatten(C(t3)); C(t3).flatten(2); T.tile(C(d2), (2, 1))
    T.tile(C(d2), (2,), ndim=2); T.split(C(i1), [1, 3], 2)[1]; C(d2).dimshuffle(1, 'x', 0); C(d2).T; T.arange(4); T.eye(3)
    T.eye(2, 3); T.zeros((2, 3)); T.ones_like(C(i1)); T.zeros_like(C(f4)); T.alloc(1., 2, 3); T.cast(C(d2), 'int32')
    T.cast(C(i1), 'floatX'); C(i1) / 2; C(i1) // 2; C(f4) * 2.5; C(i1) * 2.5; C(f4) * C(i1); C(i1) % 2
    T.switch(C(d2) > 1, 1, 0); T.eq(C(i1), 1); T.neq(C(i1), 1); T.gt(C(d2), 1) * C(d2); T.maximum(d2, 1.5); T.or_(C(d2) > 1, C(d2) < 1)
    bool(C(d2)); bool(C(d2) > 1); bool(T.gt(C(d2), 1)); bool(T.eq(C(1), 1)); C(d2) in [C(d2)]
    T.addbroadcast(T.matrix(), 0); T.sum(C(d2) ** 2); C(d2).norm(2); T.tensordot(d2, d2, [[1], [1]]); T.outer(C(d2[0]), C(d2[1]))
    T.grad(T.sum(X ** 2), X).eval({X: 3.}); T.grad(T.sum(X), T.vector()); T.grad(T.vector(), X); T.grad(T.nnet.sigmoid(X), X).eval({X: 0.})
    T.grad(T.sum(X * T.vector('y')), X, consider_constant=[X]); T.consider_constant(X).dtype
    T.grad(X * T.gradient.consider_constant(X) if hasattr(T, 'gradient') else X * T.consider_constant(X), X).eval({X: 3.})
    theano.function([X], X)(3); theano.function(X, X); theano.function([X], [X, X * 2])(1.); theano.function([], theano.shared(2.))()
    theano.function([X], T.sqr(X), givens={X: C(4.)}, on_unused_input='ignore')(3.); theano.function([T.scalar('u')], X)
    theano.function([X, T.scalar('u')], X); theano.function([], X); theano.function([X], X, updates={X: X}); theano.function([X], X, mode='NO')
    theano.function([T.fscalar('f')], T.fscalar()); theano.function([X], X)(np.ones(2)); theano.function([T.iscalar('i')] * 1, [])(1.5)
    theano.function([F], F)(np.ones(2)); theano.function([F], F, allow_input_downcast=True)(np.ones(2)); theano.function([F], F)([1, 2])
    theano.function([X], X, mode='FAST_COMPILE')(2.); theano.function([X], X, mode='FAST_RUN')(2.)
    theano.scan(lambda x: x ** 2, sequences=C(d2))[0]; theano.scan(lambda a: a * 2, outputs_info=C(1.), n_steps=3)[0]
    theano.scan(lambda x, a: a + x, sequences=C(d2), outputs_info=C(d2[0]))[0][-1]; theano.scan(lambda x: x, sequences=C(d2))[1]
    theano.scan(lambda x, W: T.dot(x, W), C(d2), non_sequences=C(d2.T))[0]; theano.scan(lambda i, E: E[i], C(i1), non_sequences=C(d2))[0]
    len(theano.scan(lambda x: [x, x], sequences=C(d2))[0]); theano.scan(lambda x: x, sequences=C(d2), return_list=True)[0][0]
    (theano.scan(lambda x: x, sequences=C(d2))[1] + {}); theano.updates.OrderedUpdates({X: 1}); theano.scan(lambda: 1)
    theano.OrderedUpdates([(S, 1)]) + theano.OrderedUpdates([(S, 2)]); len(theano.OrderedUpdates([(S, 1)]) + {theano.shared(2.): 2})
    theano.map(lambda x: x ** 2, C(d2))[0]; theano.map(lambda x, y: x * y, [C(d2), C(d2)])[0]; theano.map(lambda x: x, C(d2))[1]
    theano.reduce(lambda x, a: x + a, C(d2), S * 0)[0]; theano.foldl(lambda x, a: 2 * a + x, C(d2[1]), S * 1)[0]
    theano.foldr(lambda x, a: 2 * a + x, C(d2[1]), S * 1)[0]; theano.reduce(lambda x, a, b: [x + a, b * 2], C(d2[1]), [S * 0, S * 1])[0]
    theano.clone(X * 2, {X: C(4.)}); theano.clone(X * 2, {X: S * 2}); theano.clone([X * 2, X], [(X, S)]); theano.clone([X * 2, X], [(X, C(4.))]); theano.clone(X * 2, replace={X: F[0]})
    theano.clone(X * 2, replace={X: C(np.float32(3))}, strict=False); theano.clone(S * 2); theano.clone(X * 2) is X
    T.Rop(X ** 2, X, C(2.)).eval({X: 3.}); T.Lop(X ** 2, X, C(2.)).eval({X: 3.}); theano.scan_module.until(C(1)) is None
    theano.config.floatX; theano.config.foo; theano.config.device; theano.config.on_unused_input; theano.config.compute_test_value
    theano.config.int_division; theano.config.warn.round; theano.config.nothing.of_the_kind; theano.__version__
    setattr(theano.config, 'floatX', 'float99'); setattr(theano.config, 'on_unused_input', 'maybe')
    sparse.csr_matrix('s'); sparse.csc_matrix('s', 'float32'); sparse.csr_matrix().format; sparse.csr_matrix(dtype='int32')
    type(sparse.csr_matrix('s')) is sparse.basic.SparseVariable; type(sparse.csc_matrix()) is sparse.SparseVariable
    type(T.matrix()) is sparse.basic.SparseVariable; isinstance(sparse.csr_matrix().type, sparse.SparseType); sparse.enable_sparse
    sparse.structured_dot(sparse.as_sparse_variable(csr), C(d2.T)); sparse.structured_dot(sparse.as_sparse_variable(csc), C(d2.T))
    sparse.structured_dot(T.matrix(), T.matrix()); sparse.dot(sparse.as_sparse_variable(csr), C(d2.T)); T.dot(sparse.as_sparse_variable(csr), C(d2.T))
    sparse.dense_from_sparse(sparse.as_sparse_variable(csr)); sparse.sp_sum(sparse.as_sparse_variable(csr), axis=0)
    T.grad(T.sum(sparse.structured_dot(sparse.as_sparse_variable(csr), M) ** 2), M).eval({M: d2.T})
    T.grad(T.sum(sparse.dot(sparse.as_sparse_variable(csr), M) ** 2), M).eval({M: d2.T}); sparse.transpose(sparse.csr_matrix()).format
    theano.shared(csr); sparse.csr_from_dense(C(d2)).format; theano.dot(C(d2), C(d2.T)); theano.ifelse.ifelse(C(1), C(2.), C(3.))
    issubclass(theano.gradient.DisconnectedInputError, ValueError); isinstance(theano.shared(1.), theano.compile.SharedVariable)
    isinstance(X, T.TensorVariable); isinstance(X, theano.Variable); isinstance(C(1.), theano.Constant); isinstance(C(1.), T.TensorConstant)
""".replace("\n", ";")


def names() -> dict:
    """What an expression can speak of: small fixed arrays and variables."""
    import scipy.sparse
    import theano
    import theano.ifelse
    import theano.sparse
    import theano.tensor as T
    import theano.tensor.nnet

    d2 = np.arange(6.0).reshape(2, 3) / 2
    return {
        **{"theano": theano, "T": T, "sparse": theano.sparse, "np": np, "C": T.constant},
        **{"d2": d2, "f4": np.ones((3, 3), "float32") / 4, "i4": np.arange(4, dtype="int32").reshape(2, 2)},
        **{"i1": np.array([1, 0, 1, 1]), "i2": np.array([[1, 0], [0, 1]]), "t3": np.arange(12.0).reshape(2, 3, 2)},
        **{
            "p2": np.array([[0.25, 0.75], [0.5, 0.5]]),
            "csr": scipy.sparse.csr_matrix(d2),
            "csc": scipy.sparse.csc_matrix(d2),
        },
        **{"X": T.dscalar("X"), "F": T.fvector("F"), "M": T.dmatrix("M"), "S": theano.shared(1.0, "S")},
    }


def outcome(expression: str):
    """The type and the value of an expression as plain lists, or the kind of its error."""
    try:
        with np.errstate(all="ignore"):
            return _plain(eval(expression, names()))
    except Exception as error:
        kinds = ("TypeError", "ValueError", "IndexError", "KeyError", "AttributeError", "NotImplementedError")
        bases = [base.__name__ for base in type(error).__mro__]
        return {"error": next((kind for kind in kinds if kind in bases), "Exception")}


def _plain(result):
    if hasattr(result, "owner") and hasattr(result, "type"):
        return _plain_variable(result)
    if isinstance(result, (np.ndarray, np.generic)):
        return {"dtype": str(result.dtype), "value": _numbers(result)}
    if hasattr(result, "toarray"):
        return {"format": result.format, "dtype": str(result.dtype), "value": _numbers(result.toarray())}
    if isinstance(result, (list, tuple)):
        return [_plain(item) for item in result]
    return dict(result) if isinstance(result, dict) else result


def _plain_variable(variable):
    form = {"dtype": str(variable.type.dtype), "ndim": variable.type.ndim}
    if hasattr(variable.type, "format"):
        form["format"] = variable.type.format
    else:
        form["broadcastable"] = [bool(b) for b in variable.type.broadcastable]
    if variable.owner is not None or hasattr(variable, "data"):
        form["value"] = _plain(variable.eval())["value"]
    return form


def _numbers(array):
    return np.asarray(array).astype("float64").tolist()


def expressions() -> list:
    return [e.strip() for e in EXPRESSIONS.split(";") if e.strip()]


if __name__ == "__main__":
    import theano

    made_with = {"theano": theano.__version__, "numpy": np.__version__, "python": platform.python_version()}
    record = {"made_with": made_with, "outcomes": {e: outcome(e) for e in expressions()}}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "expressions.json"), "w") as file:
        json.dump(record, file, indent=0, sort_keys=True)
        file.write("\n")
