"""Ops that belong to no kind of variable."""

from pytensor.compile.debug.debugmode import OutputGuard
from pytensor.compile.ops import (
    DeepCopyOp,
    FromFunctionOp,
    ViewOp,
    as_op,
    deep_copy_op,
    load_back,
    register_deep_copy_op_c_code,
    register_view_op_c_code,
    view_op,
)
from pytensor.tensor.shape import (
    Shape,
    Shape_i,
    SpecifyShape,
    _shape,
    register_shape_c_code,
    register_shape_i_c_code,
    shape,
    shape_i,
    specify_shape,
)
