"""The folder of compiled C modules."""

from ptembed.theano import _gone

_HERE = ("basecompiledir_ls", "basecompiledir_purge", "cleanup", "compiledir_purge", "print_compiledir_content")
_HERE += ("print_title",)

__getattr__ = _gone.getattr_of(__name__, lazy={name: f"pytensor.compile.compiledir:{name}" for name in _HERE})
