"""The virtual machine in C."""

from ptembed.theano import _gone

__getattr__ = _gone.getattr_of(
    __name__,
    {"try_import": ("it is internal to PyTensor's C linker", "pytensor.link.c.lazylinker_c")},
    {name: f"pytensor.link.c.lazylinker_c:{name}" for name in ("CLazyLinker", "get_version")},
)
