"""What Theano's programs call on variables and nodes of any type, and PyTensor rejects; see :mod:`.variables`.

==============================  ==============================  ==================================================
call                            PyTensor                        here
==============================  ==============================  ==================================================
``Variable(type)``              ``TypeError``: no ``owner``     a variable without an owner (``TensorVariable`` too)
``node.fgraph``, ``x.clients``  ``AttributeError``              in a local optimizer: the graph it is at work on, the
                                                                users ``(node, i)`` of ``x`` in it
``node.run_params()``           ``AttributeError``              the parameters of the node's Op
``node.op.grad(inputs, gz)``    ``NotImplementedError``         the gradient, of each Op that has one
``class S(Sum): def grad``       not called: ``Sum`` has         called, as are ``L_op``, ``R_op``, ``infer_shape``
                                ``pullback``                    of subclasses of PyTensor's Ops
``optimizer.optimize(graph)``    ``AttributeError``              ``optimizer.rewrite(graph)``
``typed_list.__len__()``        ``TypeError``                   the symbolic length
``c.equals(Constant(t, 1))``    ``False``                       whether type and value are those of the constant ``c``
==============================  ==============================  ==================================================
"""

from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.op import Op
from pytensor.graph.rewriting.basic import GraphRewriter
from pytensor.tensor.variable import TensorVariable
from pytensor.typed_list.basic import TypedListVariable, length

from ptembed.legacy.changes import Changes
from ptembed.theano.gof._protocol import TheanoOp, adapt, inherited
from ptembed.theano.gof.graph import NoParams
from ptembed.theano.gof.local_optimizers import now

__all__ = ["extend", "restore"]

_changes = Changes()
restore = _changes.undo


def extend() -> None:
    """Give PyTensor's classes the calls of the table above."""
    for init in (Variable.__init__, TensorVariable.__init__):
        _changes.set(init, "__defaults__", (None, *(init.__defaults__ or ())))  # the first is of owner
    for owner, name, value in (
        (Variable, "clients", property(_clients)),
        (Constant, "equals", _equals),
        (Apply, "fgraph", property(_fgraph)),
        (Apply, "run_params", _run_params),
        (Op, "grad", _grad),
        (Op, "__init_subclass__", classmethod(_init_subclass)),
        (TypedListVariable, "__len__", _len),
        (GraphRewriter, "optimize", _optimize),
    ):
        _changes.set(owner, name, value)


def _now(asked: str):
    if not now:
        raise AttributeError(f"{asked} is known in a local optimizer alone: use fgraph.clients, of a FunctionGraph.")
    return now[-1]


def _clients(self):
    graph = _now("the clients of a variable")
    users = graph.clients.get(self, [])
    return [(node if node in graph.apply_nodes else "output", i) for node, i in users]


def _fgraph(self):
    return _now("the graph of a node")


def _run_params(self):
    return self.op.get_params(self) if getattr(self.op, "params_type", None) is not None else NoParams


def _grad(self, inputs, output_grads):
    pullback = inherited(self, "pullback")
    if pullback is None:
        raise NotImplementedError(f"The Op {self} has no gradient.")
    return pullback(inputs, self.make_node(*inputs).outputs, output_grads)


_INIT_SUBCLASS = vars(Op).get("__init_subclass__")


def _init_subclass(cls, **kwargs):
    if not cls.__module__.startswith("pytensor.") and not issubclass(cls, TheanoOp):
        adapt(cls)
    given = super(Op, cls).__init_subclass__ if _INIT_SUBCLASS is None else _INIT_SUBCLASS.__get__(None, cls)
    given(**kwargs)


def _optimize(self, fgraph, *args, **kwargs):
    return self.rewrite(fgraph, *args, **kwargs)


_EQUALS = Constant.equals


def _equals(self, other):
    return _EQUALS(_of_its_type(self), _of_its_type(other))


def _of_its_type(made):
    plain = type(made) is Constant and made.type.constant_type is not Constant
    return made.type.make_constant(made.data) if plain else made


def _len(self):
    return length(self)
