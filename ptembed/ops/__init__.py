"""Ops of ours: what PyTensor has no Op or no fast kernel for."""

from ptembed.ops.distinct import Distinct, RowIndexError, RowNumbers, distinct, row_numbers
from ptembed.ops.guard import Finite, NotFiniteError, Together, finite, together
