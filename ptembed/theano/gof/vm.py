"""The linker that runs a graph by a virtual machine."""

from ptembed.theano import _gone

_HERE = ("VM", "Loop", "Stack", "calculate_reallocate_info")

__getattr__ = _gone.getattr_of(
    __name__,
    {"LoopGC": ("PyTensor has one loop, which frees memory or not", "theano.gof.vm.Loop")},
    {name: f"pytensor.link.vm:{name}" for name in _HERE} | {"VM_Linker": "pytensor.link.vm:VMLinker"},
)
