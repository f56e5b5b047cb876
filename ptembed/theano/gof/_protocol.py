"""Classes in Theano's protocol on PyTensor's classes.

Theano's Ops and Types define methods that PyTensor calls otherwise, or with other arguments. A class that derives from
one made by :func:`in_theanos_protocol` may define them as Theano's documentation says; they are adapted once, when the
class is made, so that PyTensor finds its own protocol and says nothing about deprecation.

==================================  ===========================================================================
Theano                              PyTensor
==================================  ===========================================================================
``grad``, ``L_op``                  ``pullback(inputs, outputs, cotangents)``
``R_op`` (``None``: not connected)  ``pushforward`` (``DisconnectedType``)
``infer_shape(node, shapes)``       3.0 passes ``fgraph`` before ``node``
``do_constant_folding(node)``       ``do_constant_folding(fgraph, node)``
``perform(..., params)``            no ``params``
``c_headers()``, ...                ``c_headers(c_compiler=...)``, ...
==================================  ===========================================================================
"""

import functools
import inspect

from pytensor.gradient import DisconnectedType, disconnected_type
from pytensor.graph.op import Op as PyTensorOp

from ptembed._pytensor import without_deprecations

__all__ = ["TheanoOp", "adapt", "in_theanos_protocol", "inherited", "kind_of"]


def kind_of(base: type) -> type:
    """Make the metaclass of a class to which all instances and subclasses of PyTensor's ``base`` belong.

    A class that a program derives from the made one is an ordinary class.
    """

    class Kind(type(base)):
        def __instancecheck__(cls, instance):
            return isinstance(instance, base) if "_stands_for" in vars(cls) else super().__instancecheck__(instance)

        def __subclasscheck__(cls, subclass):
            # by hand: the base, an abstract class, asks those derived from it in turn
            return base in subclass.__mro__ if "_stands_for" in vars(cls) else super().__subclasscheck__(subclass)

    return Kind


def in_theanos_protocol(base: type, name: str | None = None, module: str | None = None) -> type:
    """Make a class like PyTensor's Op class ``base``, whose subclasses may be written in Theano's protocol.

    Parameters
    ----------
    base : subclass of pytensor.graph.op.Op
    name, module : str, optional
        What the new class calls itself; the name of ``base`` by default.

    Returns
    -------
    type
        All instances of ``base`` are instances of it, too; its own instances are equal to those of ``base``'s
        subclasses as PyTensor has it: only where the class is the same.
    """
    body = {"_stands_for": base, "__module__": module or __name__, "__doc__": base.__doc__}
    return kind_of(base)(name or base.__name__, (TheanoOp, base), body)


def inherited(op, name):
    """PyTensor's own method ``name`` of ``op``, not what stands for it here, or None."""
    for cls in type(op).__mro__:
        method = vars(cls).get(name)
        if cls is not PyTensorOp and method is not None and not hasattr(method, "_stands_for_pytensors"):
            return functools.partial(method, op)
    return None


def _stands_for_pytensors(method):
    method._stands_for_pytensors = True
    return method


def adapt(cls: type) -> None:
    """Let PyTensor call what the new subclass ``cls`` of an Op class defines in Theano's protocol."""
    own = vars(cls)
    if "pullback" not in own and ("L_op" in own or "grad" in own):
        cls.pullback = TheanoOp.pullback if "L_op" in own else _pullback_by_grad
    if "pushforward" not in own and "R_op" in own:
        cls.pushforward = TheanoOp.pushforward
    for name, adapt_method in _ADAPTED.items():
        if name in own:
            adapt_method(cls, own[name])


@_stands_for_pytensors
def _pullback_by_grad(self, inputs, outputs, cotangents):
    return self.grad(inputs, cotangents)


class TheanoOp:
    """A mixin: what a class defines in Theano's protocol is adapted when the class is made."""

    def __init_subclass__(cls, **kwargs):
        adapt(cls)
        with without_deprecations():  # 3.3 has some for what is adapted here, and for C code in files
            super().__init_subclass__(**kwargs)

    @_stands_for_pytensors
    def pullback(self, inputs, outputs, cotangents):
        return self.L_op(inputs, outputs, cotangents)

    def L_op(self, inputs, outputs, output_grads):
        pullback = inherited(self, "pullback")
        return self.grad(inputs, output_grads) if pullback is None else pullback(inputs, outputs, output_grads)

    def grad(self, inputs, output_grads):
        pullback = inherited(self, "pullback")
        if pullback is None:
            raise NotImplementedError(f"The Op {self} has no gradient: define grad(self, inputs, output_grads).")
        return pullback(inputs, self.make_node(*inputs).outputs, output_grads)

    @_stands_for_pytensors
    def pushforward(self, inputs, outputs, tangents):
        points = [None if isinstance(t.type, DisconnectedType) else t for t in tangents]
        return [disconnected_type() if r is None else r for r in self.R_op(inputs, points)]

    def R_op(self, inputs, eval_points):
        pushforward = inherited(self, "pushforward")
        if pushforward is None:
            raise NotImplementedError(f"The Op {self} has no R_op: define R_op(self, inputs, eval_points).")
        tangents = [disconnected_type() if p is None else p for p in eval_points]
        found = pushforward(inputs, self.make_node(*inputs).outputs, tangents)
        return [None if isinstance(r.type, DisconnectedType) else r for r in found]


def _adapt_infer_shape(cls, method):
    n_parameters = len(inspect.signature(method).parameters)

    def infer_shape(self, *args):
        node, shapes = args[-2:]
        return method(self, None, node, shapes) if n_parameters == 4 else method(self, node, shapes)

    cls.infer_shape = infer_shape


def _adapt_do_constant_folding(cls, method):
    if len(inspect.signature(method).parameters) == 2:
        cls.do_constant_folding = lambda self, *args: method(self, args[-1])


def _adapt_perform(cls, method):
    if len(inspect.signature(method).parameters) < 5:
        return

    @functools.wraps(method)
    def perform(self, node, inputs, output_storage, params=None):
        if params is None and getattr(self, "params_type", None) is not None:
            params = self.get_params(node)
        given = () if params is None else (params,)
        return method(self, node, inputs, output_storage, *given)

    cls.perform = perform


def without_keywords(name):
    """Give the adapter of a method that Theano calls with fewer keywords than PyTensor."""

    def adapt(cls, method):
        parameters = inspect.signature(method).parameters
        if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
            return

        @functools.wraps(method)
        def called(self, *args, **kwargs):
            return method(self, *args, **{k: v for k, v in kwargs.items() if k in parameters})

        setattr(cls, name, called)

    return adapt


C_METHODS = {
    name: without_keywords(name)
    for name in (
        "c_headers",
        "c_header_dirs",
        "c_libraries",
        "c_lib_dirs",
        "c_support_code",
        "c_compile_args",
        "c_no_compile_args",
        "c_init_code",
        "c_extract",
        "c_extract_out",
        "c_declare",
    )
}

_ADAPTED = {
    "infer_shape": _adapt_infer_shape,
    "do_constant_folding": _adapt_do_constant_folding,
    "perform": _adapt_perform,
    **C_METHODS,
}
