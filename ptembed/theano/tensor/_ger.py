"""The update of rank one, ``A + alpha x y'``: PyTensor's Op, or where there is none any more, ours."""

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from ptembed import _pytensor

__all__ = ["Ger"]

if _pytensor.Ger is not None:
    Ger = _pytensor.Ger
else:

    class Ger(Op):  # type: ignore[no-redef]
        """``Ger(destructive)(A, alpha, x, y)``, of one dtype; ``destructive`` overwrites ``A``."""

        __props__ = ("destructive",)

        def __init__(self, destructive):
            self.destructive = destructive
            if destructive:
                self.destroy_map = {0: [0]}

        def __str__(self):
            return f"{type(self).__name__}{{{'' if self.destructive else 'non-'}destructive}}"

        def make_node(self, A, alpha, x, y):
            inputs = [pt.as_tensor(v) for v in (A, alpha, x, y)]
            dtypes = [v.type.dtype for v in inputs]
            if len(set(dtypes)) > 1 or dtypes[0] not in ("float32", "float64", "complex64", "complex128"):
                raise TypeError(f"ger takes floats or complex numbers of one dtype, got {dtypes}.")
            if [v.ndim for v in inputs] != [2, 0, 1, 1]:
                raise TypeError(f"ger takes a matrix, a scalar and two vectors, got {[v.type for v in inputs]}.")
            return Apply(self, inputs, [inputs[0].type()])

        def perform(self, node, inputs, output_storage):
            A, alpha, x, y = inputs
            result = A if self.destructive else A.copy()
            result += alpha * np.outer(x, y)
            output_storage[0][0] = result

        @_pytensor.infer_shape
        def infer_shape(self, node, shapes):
            return [shapes[0]]
