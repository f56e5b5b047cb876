"""An Op that raises."""

from ptembed.theano.gof.graph import Apply
from ptembed.theano.gof.op import Op

__all__ = ["Raise"]


class Raise(Op):
    """The identity in a graph; raises when it is computed.

    Parameters
    ----------
    msg : str
        The message of the exception.
    exc : class of exceptions
    """

    __props__ = ("msg", "exc")

    def __init__(self, msg="", exc=NotImplementedError):
        self.msg, self.exc = msg, exc

    def __str__(self):
        return f"Raise{{{self.exc}({self.msg})}}"

    def make_node(self, x):
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        raise self.exc(self.msg)

    def grad(self, inputs, output_grads):
        raise NotImplementedError(f"{self} has no gradient.")

    def infer_shape(self, node, shapes):
        return shapes

    def connection_pattern(self, node):
        return [[True]]

    def do_constant_folding(self, node):
        return False
