"""Symbolic inputs: ``dmatrix``, ``matrix``, ``tensor4``, ..., and several at once, ``dmatrices("x", "y")``.

The names are Theano's: a letter for the dtype (none: ``theano.config.floatX``), a word for the dimensions.
"""

from ptembed.theano.configparser import config
from ptembed.theano.tensor.type import TensorType

LETTERS = {
    "c": "complex64",
    "z": "complex128",
    "f": "float32",
    "d": "float64",
    "b": "int8",
    "w": "int16",
    "i": "int32",
    "l": "int64",
}
KINDS = {"scalar": (), "vector": (False,), "matrix": (False, False), "row": (True, False), "col": (False, True)} | {
    f"tensor{n}": (False,) * n for n in range(3, 8)
}
PLURALS = {kind: {"matrix": "matrices"}.get(kind, f"{kind}s") for kind in KINDS}


def tensor(*args, **kwargs):
    """A symbolic array, ``tensor(dtype, broadcastable, name=None)``.

    Parameters
    ----------
    dtype : str
    broadcastable : sequence of bool
        One for each dimension: whether its length is 1 and may be broadcast.
    name : str, optional
    """
    name = kwargs.pop("name", None)
    if len(args) == 3:
        *args, name = args
    return TensorType(*args, **kwargs)(name=name)


def _of_any_dtype(kind: str, broadcastable):
    def construct(name=None, dtype=None):
        return TensorType(config.floatX if dtype is None else dtype, broadcastable)(name)

    construct.__name__ = construct.__qualname__ = kind
    construct.__doc__ = f"A symbolic {kind}, of dtype ``theano.config.floatX`` unless ``dtype`` is given."
    return construct


def _plural(construct, name: str):
    def several(*names):
        if len(names) == 1:
            if isinstance(names[0], int):
                return [construct() for _ in range(names[0])]
            names = tuple(names[0])
            if len(names) == 1:
                return construct(names[0])
        return [construct(name) for name in names]

    several.__name__ = several.__qualname__ = name
    several.__doc__ = (
        "A list of symbolic inputs: one for each name (or letter of a single name), or as many as a single number "
        "says; of one letter the input itself."
    )
    return several


def _types(letters: str, kind: str):
    return tuple(globals()[letter + kind] for letter in letters)


for _kind, _broadcastable in KINDS.items():
    globals()[_kind] = _of_any_dtype(_kind, _broadcastable)
    globals()[PLURALS[_kind]] = _plural(globals()[_kind], PLURALS[_kind])
    for _letter, _dtype in LETTERS.items():
        globals()[_letter + _kind] = TensorType(_dtype, _broadcastable)
    for _letter in "fdil":
        globals()[_letter + PLURALS[_kind]] = _plural(globals()[_letter + _kind], _letter + PLURALS[_kind])

int_types = int_scalar_types = _types("bwil", "scalar")
float_types = float_scalar_types = _types("fd", "scalar")
complex_types = complex_scalar_types = _types("cz", "scalar")
int_vector_types, float_vector_types, complex_vector_types = (_types(k, "vector") for k in ("bwil", "fd", "cz"))
int_matrix_types, float_matrix_types, complex_matrix_types = (_types(k, "matrix") for k in ("bwil", "fd", "cz"))

__all__ = sorted(
    {"tensor"}
    | {letter + kind for kind in KINDS for letter in ["", *LETTERS]}
    | {letter + plural for plural in PLURALS.values() for letter in ["", *"fdil"]}
    | {
        f"{number}{kind}_types"
        for number in ("int", "float", "complex")
        for kind in ("_scalar", "_vector", "_matrix", "")
    }
)
