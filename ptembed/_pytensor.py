"""What differs between the lines of PyTensor, and the few internals of it that more than one room needs.

PyTensor 3.3 dropped the Ops for one index vector (``AdvancedSubtensor1``), the ``fgraph`` argument of ``infer_shape``
and other names of 3.0. Nothing else in ptembed asks which line it runs on.
"""

import inspect
import sys
import warnings
from contextlib import contextmanager
from functools import wraps
from hashlib import sha256

from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Constant
from pytensor.scan.op import Scan
from pytensor.tensor import blas, subtensor
from pytensor.tensor.basic import Join, Split
from pytensor.tensor.subtensor import AdvancedIncSubtensor, AdvancedSubtensor, IncSubtensor, Subtensor

try:
    from pytensor.conditional.op import IfElse
except ModuleNotFoundError:  # 3.0
    from pytensor.ifelse import IfElse

try:
    from pytensor.compile.rewriting import inline_ofg_expansion
except ModuleNotFoundError:  # 3.0
    from pytensor.tensor.rewriting.ofg import inline_ofg_expansion

__all__ = [
    "ROW_READS",
    "ROW_WRITES",
    "Ger",
    "IfElse",
    "disconnected",
    "first_of",
    "in_python",
    "infer_shape",
    "inline_ofg_expansion",
    "inner_graph",
    "join_parts",
    "loop_like",
    "numba_kernel",
    "own_copy",
    "row_read",
    "row_write",
    "split_parts",
    "without_deprecations",
]

# the Op for an update of rank one; None where PyTensor has none
Ger = getattr(blas, "Ger", None)

ROW_READS = tuple(
    vars(subtensor)[name]
    for name in ("Subtensor", "AdvancedSubtensor", "AdvancedSubtensor1")
    if name in vars(subtensor)
)
ROW_WRITES = tuple(
    vars(subtensor)[name]
    for name in ("IncSubtensor", "AdvancedIncSubtensor", "AdvancedIncSubtensor1")
    if name in vars(subtensor)
)


def disconnected(inputs):
    """Give the gradients of an Op whose outputs are integers: none, for each of ``inputs``."""
    return [DisconnectedType()() for _ in inputs]


def first_of(module, *names):
    """Give what ``module`` has under the first of ``names`` that it has: a class that 3.3 renamed."""
    return next(vars(module)[name] for name in names if name in vars(module))


def infer_shape(method):
    """Let ``infer_shape(self, node, shapes)`` serve PyTensor 3.0 too, which passes ``fgraph`` before ``node``."""

    @wraps(method)
    def infer(self, *args):
        return method(self, *args[-2:])

    del infer.__wrapped__  # 3.3 counts the parameters of the signature
    return infer


def inner_graph(op):
    """Give the inputs and outputs of a copy of the graph inside ``op``; 3.3 has it frozen, 3.0 as it was made."""
    graph = op.fgraph.unfreeze() if hasattr(op.fgraph, "unfreeze") else op.fgraph.clone()
    return list(graph.inputs), list(graph.outputs)


def loop_like(op, inputs, outputs, info):
    """Give a loop with the options of ``op`` and another inner graph."""
    options = ("mode", "truncate_gradient", "name", "profile", "allow_gc", "strict")
    return Scan(inputs, outputs, info, **{name: getattr(op, name) for name in options})


def numba_kernel(op_type, *modules):
    """Register the function that makes the Numba kernel of ``op_type``, with a key for PyTensor's cache on disk.

    The key holds the class, its props and the source of the module that defines the kernel, and of other ``modules``
    that it is made of, so that an edited kernel is never taken from the cache. What a kernel depends on beside these
    (a static shape, say) must be in the Op's props.
    """
    from pytensor.link.numba.dispatch.basic import register_funcify_and_cache_key  # imports numba: 0.6 s

    def register(make):
        sources = "".join(map(inspect.getsource, (sys.modules[make.__module__], *modules)))
        source = sha256(sources.encode()).hexdigest()

        @register_funcify_and_cache_key(op_type)
        def kernel_and_key(op, node=None, **kwargs):
            props = tuple(getattr(op, name) for name in op.__props__)
            return make(op, node), sha256(repr((op_type, props, source)).encode()).hexdigest()

        return make

    return register


def own_copy(fgraph):
    """Give a copy of ``fgraph`` whose loops may be rewritten inside; 3.3 rewrites none where it is, 3.0 does."""
    inside = {} if hasattr(Scan, "clone_with_inner_graph") else {"clone_inner_graphs": True}
    return fgraph.clone_get_equiv(attach_feature=True, **inside)[0]


@contextmanager
def without_deprecations():
    """Silence what PyTensor says of calls that Theano had and a later PyTensor will not have."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        yield


# the two Ops of 3.0 for one index vector; 3.3 has the general ones alone
ONE_VECTOR_OPS = tuple(op for name, op in vars(subtensor).items() if name.endswith("Subtensor1"))


def row_read(node):
    """Give ``(table, idx)`` where ``node`` is ``table[idx]`` with one integer index on the first axis, else None."""
    op = node.op
    if isinstance(op, ONE_VECTOR_OPS) and not hasattr(op, "set_instead_of_inc"):
        return tuple(node.inputs)
    if isinstance(op, Subtensor | AdvancedSubtensor) and op.idx_list == (0,):
        return _integer_index(*node.inputs)
    return None


def row_write(node):
    """Give ``(table, rows, idx)`` where ``node`` adds to or sets ``table[idx]``, not in place, else None."""
    op = node.op
    if getattr(op, "inplace", True) or getattr(op, "ignore_duplicates", False):
        return None
    if isinstance(op, ONE_VECTOR_OPS):
        return tuple(node.inputs)
    if isinstance(op, IncSubtensor | AdvancedIncSubtensor) and op.idx_list == (0,):
        table, rows, idx = node.inputs
        return (table, rows, idx) if _integer_index(table, idx) else None
    return None


def join_parts(node):
    """Give the parts of a join along the first axis, else None. 3.3 has the axis in the Op, 3.0 among the inputs."""
    if not isinstance(node.op, Join):
        return None
    axis, parts = (node.op.axis, node.inputs) if hasattr(node.op, "axis") else (node.inputs[0], node.inputs[1:])
    return parts if _is_first(axis) else None


def split_parts(node):
    """Give ``(x, sizes)`` where ``node`` splits ``x`` along the first axis, else None; see :func:`join_parts`."""
    if not isinstance(node.op, Split):
        return None
    x, sizes = node.inputs[0], node.inputs[-1]
    return (x, sizes) if _is_first(node.op.axis if hasattr(node.op, "axis") else node.inputs[1]) else None


def _is_first(axis):
    return axis == 0 if isinstance(axis, int) else isinstance(axis, Constant) and axis.data == 0


def _integer_index(table, idx):
    return (table, idx) if idx.type.dtype.startswith(("int", "uint")) else None


if hasattr(subtensor, "AdvancedIncSubtensor1"):

    class CheckedRowWrite(subtensor.AdvancedIncSubtensor1):
        """3.0's write at an index vector, broadcasting as NumPy, Numba and 3.3 do: in Python it refuses to."""

        def _check_runtime_broadcasting(self, node, x, y, idx):
            """NumPy's own check follows."""

else:
    CheckedRowWrite = None  # type: ignore[assignment, misc]


def in_python(op):
    """Give the Op whose ``perform`` does what ``op`` does: not 3.0's row write itself, which refuses a single row."""
    if CheckedRowWrite is None or type(op) is not CheckedRowWrite.__bases__[0]:
        return op
    return CheckedRowWrite(op.inplace, op.set_instead_of_inc)
