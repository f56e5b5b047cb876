"""Checks that several test files share."""

import numpy as np
from pytensor.link.basic import PerformLinker


def assert_in_place(f, *shared):
    """Check that the compiled function writes each shared variable in its own memory."""
    updated = {f.maker.inputs[i].variable: (out, i) for out, i in f.maker.fgraph.update_mapping.items()}
    for variable in shared:
        out, i = updated[variable]
        fgraph = f.maker.fgraph
        assert _memory_of(fgraph.outputs[out]) is fgraph.inputs[i], f"{variable} is written to new memory"


def assert_no_dense_node(f, W, *args):
    """Check that, in a call with ``args``, no node of the compiled graph makes an array as large as ``W``."""
    size = W.get_value(borrow=True).size
    made = [(node, out.size) for node, x, out in _computed(f, args) if _memory_of(x) not in f.maker.fgraph.inputs]
    assert made, "nothing was computed"
    dense = [str(node) for node, n in made if n >= size]
    assert not dense, f"as large as {W}: {dense}"


def assert_unchanged(f, args, error, match=None):
    """Check that a call fails and leaves all shared variables of the function as they were; gives the message."""
    shared = [i.variable for i in f.maker.inputs if i.shared]
    before = [variable.get_value() for variable in shared]
    try:
        f(*args)
    except error as e:
        message = str(e)
    else:
        raise AssertionError(f"no {error.__name__} was raised")
    for variable, value in zip(shared, before, strict=True):
        np.testing.assert_array_equal(variable.get_value(), value, err_msg=str(variable))
    return message


def assert_same_layer(layer, W, tolerance):
    """Check that the factors of an output layer are those of ``W``, and that U meets its inverse."""
    np.testing.assert_allclose(np.concatenate(list(layer.blocks(64))), W, atol=tolerance)
    np.testing.assert_allclose(layer.Q.get_value(), W.T @ W, atol=10 * tolerance * abs(W.T @ W).max())
    np.testing.assert_allclose(layer.w_bar.get_value(), W.sum(axis=0), atol=len(W) * tolerance)
    inverse = layer.Uinv.get_value() @ layer.UT.get_value().T
    np.testing.assert_allclose(inverse, np.eye(len(inverse)), atol=1e3 * tolerance)


def _memory_of(x):
    """Follow views and in-place writes back to the variable whose memory ``x`` is in."""
    while x.owner is not None:
        where = {**x.owner.op.view_map, **x.owner.op.destroy_map}.get(x.owner.outputs.index(x))
        if not where:
            break
        x = x.owner.inputs[where[0]]
    return x


def _computed(f, args):
    """Run each node of the compiled graph in Python on copies of the inputs; yields it, each output and its value."""
    _, inputs, _, thunks, order = PerformLinker(allow_gc=False).accept(f.maker.fgraph).make_all()
    given = iter(args)
    for container, spec in zip(inputs, f.maker.inputs, strict=True):
        value = spec.variable.get_value() if spec.shared else next(given)
        container.data = value
    for thunk, node in zip(thunks, order, strict=True):
        thunk()
        for x, storage in zip(node.outputs, thunk.outputs, strict=True):
            if isinstance(storage[0], np.ndarray):
                yield node, x, storage[0]
