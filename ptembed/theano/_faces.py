"""Classes with Theano's name and call that stand for PyTensor's Ops.

Legacy code asks ``isinstance(v.owner.op, T.AdvancedSubtensor1)`` and calls ``AdvancedSubtensor1()(x, idx)``. Graphs are
made of PyTensor's Ops, whose classes are fewer, newer or take other arguments. A face answers the first question about
them and makes them in the second call; a user's own subclass of a face is an ordinary class.

In a compiled function a row loop (:mod:`ptembed.ops.row_loop`) is all that the nodes inside of it are.
"""

from pytensor.graph.op import Op

__all__ = ["Face"]


class Face(type(Op)):
    """The metaclass of a face, which defines one or both of:

    ``_is(op)``
        Whether ``op`` is what Theano's class stood for.
    ``_make(*args)``
        What the constructor gives for Theano's arguments.
    """

    def __instancecheck__(cls, op):
        if "_is" in vars(cls):
            return any(map(cls._is, _inside(op))) or super().__instancecheck__(op)
        return super().__instancecheck__(op)

    def __call__(cls, *args, **kwargs):
        return cls._make(*args, **kwargs) if "_make" in vars(cls) else super().__call__(*args, **kwargs)


def _inside(op):
    # by its name: the module imports Numba, which `import theano` does not
    return [node.op for node in op.nodes] if type(op).__name__ == "RowLoop" else [op]
