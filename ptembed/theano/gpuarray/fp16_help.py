"""Half precision in the source of a GPU's kernels: the names that such a source calls."""

__all__ = ["load_w", "work_dtype", "write_w"]


def work_dtype(dtype):
    """The dtype that a kernel computes in for numbers kept as ``dtype``."""
    return "float32" if dtype == "float16" else dtype


def load_w(dtype):
    """The name of the function that reads a number, empty where none is needed."""
    return "ga_half2float" if dtype == "float16" else ""


def write_w(dtype):
    """The name of the function that writes a number, empty where none is needed."""
    return "ga_float2half" if dtype == "float16" else ""
