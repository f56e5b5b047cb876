"""Who may overwrite which variable."""

from pytensor.graph.destroyhandler import DestroyHandler, inplace_candidates

from ptembed.theano import _gone
from ptembed.theano.gof.local_optimizers import now

__all__ = ["DestroyHandler", "fast_inplace_check"]

_HERE = ("ProtocolError", "_build_droot_impact", "_contains_cycle")

__getattr__ = _gone.getattr_of(__name__, lazy={name: f"pytensor.graph.destroyhandler:{name}" for name in _HERE})


def fast_inplace_check(inputs):
    """Give those of a node's ``inputs`` that an optimizer may try to overwrite, as a first check.

    The handler, which has the last word, is asked for the graph that an optimizer is at work on.
    """
    return inplace_candidates(now[-1], inputs) if now else list(inputs)
