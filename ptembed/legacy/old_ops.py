"""The Op of today that the state of one that Theano pickled describes.

Theano's Ops are pickled as their attributes, most of which have the names of the constructor's arguments; so an Op is
made anew by its constructor, whatever else PyTensor keeps in it now. :data:`READERS` has those where it is not so.
"""

import inspect
import re
from collections.abc import Callable

import pytensor.scalar
from pytensor.graph.op import Op

__all__ = ["READERS", "recovered", "refuse_code"]

WORDS = re.compile(r"[\w .,:|=<>{}\[\]-]*")
MESSAGE = re.compile(r'[^\\"\n]*')


def recovered(op):
    """What computes what ``op`` did, an Op or a function of the same inputs.

    Parameters
    ----------
    op : Op
        With the attributes that Theano pickled.

    Raises
    ------
    TypeError
        If a needed attribute is not there.
    """
    state = {name: recovered(value) if isinstance(value, Op) else value for name, value in vars(op).items()}
    read = READERS.get(type(op).__name__)
    if read:
        return read(state)
    return type(op)(**{name: state[name] for name in _arguments(type(op)) if name in state})


def refuse_code(op):
    """Refuse an Op with a text that is no word: compilers write the texts of an Op into the code that they make.

    Parameters
    ----------
    op : Op
        With the attributes that Theano pickled.

    Raises
    ------
    ValueError
        If an attribute that the constructor takes has quotes, parentheses, a line break and the like. A message may
        have all but a backslash, a double quote and a line break.
    """
    used = {"name", *_arguments(type(op))}
    for name, value in vars(op).items():
        for part in _parts(value):
            if isinstance(part, Op):
                refuse_code(part)
            if isinstance(part, str | bytes) and name in used:
                text = part if isinstance(part, str) else part.decode("latin1")
                if not (MESSAGE if name in ("msg", "message") else WORDS).fullmatch(text):
                    raise ValueError(f"its attribute {name} must be a word, got {text[:60]!r}")


def _parts(value):
    """The value, and what is in it where it is a container."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if not isinstance(value, list | tuple | set | frozenset):
        return [value]
    return [part for one in value for part in _parts(one)]


def _arguments(cls) -> list[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(getattr(cls, "_make", None) or cls.__init__).parameters.values()
    return [parameter.name for parameter in parameters if parameter.kind not in kinds and parameter.name != "self"]


def _rebroadcast(state):
    from ptembed.theano.compile.rebroadcast import Rebroadcast

    return Rebroadcast(*state["axis"].items())


def _elemwise(state):
    from ptembed.theano.tensor.elemwise import Elemwise

    return Elemwise(state["scalar_op"], dict(state["inplace_pattern"]))


def _op_from_graph(state):
    from ptembed.theano.compile.builders import OpFromGraph

    return OpFromGraph(state["local_inputs"], state["local_outputs"], inline=state["is_inline"], name=state["name"])


def _loop(state):
    from pytensor.scan.op import Scan, ScanInfo

    mit_mot, mit_sot = state["n_mit_mot"], state["n_mit_sot"]
    taps = [tuple(of_one) for of_one in state["tap_array"]]
    inner = len(state["inputs"]) - state["n_seqs"] - sum(map(len, taps)) - state["n_shared_outs"]
    info = ScanInfo(
        n_seqs=state["n_seqs"],
        mit_mot_in_slices=tuple(taps[:mit_mot]),
        mit_mot_out_slices=tuple(tuple(of_one) for of_one in state["mit_mot_out_slices"]),
        mit_sot_in_slices=tuple(taps[mit_mot : mit_mot + mit_sot]),
        sit_sot_in_slices=tuple(taps[mit_mot + mit_sot :]),
        n_nit_sot=state["n_nit_sot"],
        n_untraced_sit_sot=state["n_shared_outs"],
        n_non_seqs=inner,
        as_while=bool(state["as_while"]),
    )
    return Scan(
        state["inputs"], state["outputs"], info, truncate_gradient=state["truncate_gradient"], name=state["name"]
    )


def _sign(state):
    return pytensor.scalar.sign


def _batched_dot(state):
    from ptembed.theano.tensor import batched_dot

    return batched_dot


def _nonzero(state):
    return lambda x: x.nonzero(return_matrix=True)


def _moved(state):
    from ptembed.theano._gpu import identity

    return identity


#: For the name of a class, what gives the Op for its attributes.
READERS: dict[str, Callable] = {
    "Rebroadcast": _rebroadcast,
    "Elemwise": _elemwise,
    "OpFromGraph": _op_from_graph,
    "Scan": _loop,
    "Sign": _sign,
    "BatchedDot": _batched_dot,
    "Nonzero": _nonzero,
    "HostFromGpu": _moved,
    "GpuFromHost": _moved,
}
