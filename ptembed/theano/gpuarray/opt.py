"""Rewrites for the GPU: registering one does nothing, and the databases that programs take one out of are never run."""

from ptembed.theano._gpu import gpu_getattr
from ptembed.theano.gof.opt import Optimizer
from ptembed.theano.gof.optdb import EquilibriumDB

#: Rewrites that programs exchange for their own.
EXCHANGED = ("local_gpua_advanced_subtensor1", "local_gpua_advanced_subtensor", "local_gpua_careduce")

__getattr__ = gpu_getattr(__name__)


class _NoRewrite(Optimizer):
    """Does nothing."""

    def apply(self, fgraph):
        pass


def _never_run():
    database = EquilibriumDB()
    for name in EXCHANGED:
        database.register(name, _NoRewrite(), "fast_run", "gpuarray")
    return database


gpu_optimizer, gpu_optimizer2 = _never_run(), _never_run()


def _unused(*args, **kwargs):
    """Make a decorator that leaves its function alone: there is no GPU to rewrite for."""
    return lambda function: function


register_opt = register_opt2 = register_inplace = op_lifter = _unused
