"""Helpers of arrays."""

from pytensor.tensor.utils import hash_from_ndarray, shape_of_variables
from pytensor.utils import hash_from_code
