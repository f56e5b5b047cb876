"""The C helper of compiled modules."""

from ptembed.theano import _gone

_WHY = ("it is internal to PyTensor's C linker", "pytensor.link.c.cutils")
__getattr__ = _gone.getattr_of(__name__, dict.fromkeys(("compile_cutils", "run_cthunk", "location"), _WHY))
