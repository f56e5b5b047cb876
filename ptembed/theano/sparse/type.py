"""The type of sparse matrices.

``SparseType(format, dtype)`` makes PyTensor's type, and ``isinstance`` of it holds for PyTensor's types; a class that
derives from it derives from PyTensor's. All that differs is the kind of the errors.
"""

from pytensor.sparse.type import SparseTensorType, _is_sparse

__all__ = ["SparseType"]


class _Face(type(SparseTensorType)):
    """Makes ``SparseType(...)`` a type of PyTensor's, and PyTensor's sparse types instances of ``SparseType``."""

    def __call__(cls, *args, **kwargs):
        return (cls._make if "_make" in vars(cls) else super().__call__)(*args, **kwargs)

    def __instancecheck__(cls, instance):
        return isinstance(instance, SparseTensorType) if "_make" in vars(cls) else super().__instancecheck__(instance)


class SparseType(SparseTensorType, metaclass=_Face):
    """The type of a sparse matrix.

    Parameters
    ----------
    format : {"csr", "csc", "bsr"}
    dtype : str or numpy dtype
        Of its numbers; not ``"bool"`` and not ``"float16"``.

    Raises
    ------
    NotImplementedError
        For another format or dtype.

    Examples
    --------
    >>> SparseType("csr", "float32")().format
    'csr'
    """

    @staticmethod
    def _make(format, dtype):
        if format not in SparseTensorType.format_cls:
            raise NotImplementedError(f'unsupported format "{format}" not in {sorted(SparseTensorType.format_cls)}')
        dtype = getattr(dtype, "__name__", str(dtype))
        if dtype not in SparseTensorType.dtype_specs_map:
            raise NotImplementedError(f'unsupported dtype "{dtype}" not in {sorted(SparseTensorType.dtype_specs_map)}')
        return SparseTensorType(format, dtype)

    def __setstate__(self, state):
        """Become PyTensor's type if Theano pickled it."""
        if "shape" in state:
            vars(self).update(state)
        else:
            self.__class__ = SparseTensorType
            self.__init__(state["format"], state["dtype"])
