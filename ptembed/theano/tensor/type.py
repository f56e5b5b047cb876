"""The type of symbolic arrays."""

from pytensor.tensor.type import (
    TensorType,
    _logger,
    values_eq_approx,
    values_eq_approx_always_true,
    values_eq_approx_remove_inf,
    values_eq_approx_remove_inf_nan,
    values_eq_approx_remove_nan,
)
