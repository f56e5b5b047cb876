"""Slices and None as variables."""

from pytensor.tensor.type_other import (
    MakeSlice,
    NoneTypeT,
    SliceConstant,
    SliceType,
    as_int_none_variable,
    make_slice,
    none_type_t,
    slicetype,
)
