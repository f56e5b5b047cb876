"""A sparse variable by the arrays that it is made of.

PyTensor's sparse variables are matrices to look at and three vectors to compute with. A matrix in CSC form is the
transpose of one in CSR form, so both come down to one case and a flag; a matrix that was just put together from arrays
is not put together at all.

Read next: :mod:`ptembed.ops.sparse_products`.
"""

from typing import NamedTuple

import pytensor.tensor as pt
from pytensor.graph.basic import Variable
from pytensor.sparse.basic import CSM, Transpose, csm_properties
from pytensor.sparse.type import SparseTensorType

from ptembed.ops.sparse_products import compressed_dot, rows_of_nonzeros, transposed_dot

__all__ = ["Compressed", "compressed", "is_sparse"]


class Compressed(NamedTuple):
    """A sparse matrix by its arrays.

    Attributes
    ----------
    data : vector, shape (s,)
    indices, indptr : int vectors, shapes (s,) and (m + 1,)
        Those of the matrix in CSR form, or, where ``is_csc``, of its transpose.
    shape : tuple of two int scalars
        Of the matrix.
    is_csc : bool
    """

    data: Variable
    indices: Variable
    indptr: Variable
    shape: tuple
    is_csc: bool

    def transposed(self):
        """The transpose, by the same arrays."""
        return self._replace(shape=self.shape[::-1], is_csc=not self.is_csc)

    def dot(self, dense):
        """Multiply by a dense matrix on the right."""
        m, n = self.shape
        if self.is_csc:
            return transposed_dot(self.data, self.indices, self.indptr, dense, m)
        return compressed_dot(self.data, self.indices, self.indptr, dense, n)

    def places(self):
        """Give the row and the column of each non-zero."""
        rows = rows_of_nonzeros(self.indptr)
        return (self.indices, rows) if self.is_csc else (rows, self.indices)

    def matrix(self):
        """Put the arrays together again."""
        shape = pt.stack([pt.cast(size, "int32") for size in self.shape])
        return CSM("csc" if self.is_csc else "csr")(self.data, self.indices, self.indptr, shape)


def compressed(x):
    """Give the arrays of a sparse variable in CSR or CSC form.

    Parameters
    ----------
    x : sparse variable, shape (m, n)

    Returns
    -------
    Compressed
    """
    if x.owner is not None and isinstance(x.owner.op, Transpose):
        return compressed(x.owner.inputs[0]).transposed()
    made = x.owner is not None and isinstance(x.owner.op, CSM)
    data, indices, indptr, shape = x.owner.inputs if made else csm_properties(x)
    return Compressed(data, indices, indptr, (shape[0], shape[1]), x.type.format == "csc")


def is_sparse(x):
    """Tell whether a variable is sparse; in PyTensor a sparse type is a kind of tensor type."""
    return isinstance(x.type, SparseTensorType)
