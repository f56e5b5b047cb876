"""Parameters of Ops with C code."""

from pytensor.link.c.params_type import Params, ParamsType, c_cpp_keywords
