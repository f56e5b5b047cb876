"""The lock on the folder of compiled C modules."""

import contextlib

from pytensor.compile.compilelock import force_unlock, lock_ctx

from ptembed.theano import _gone

__all__ = ["force_unlock", "get_lock", "lock_ctx", "release_lock", "set_lock_status"]

_held: list[contextlib.ExitStack] = []


def get_lock(lock_dir=None, **kw) -> None:
    """Wait for the lock and take it; give it back with :func:`release_lock`."""
    stack = contextlib.ExitStack()
    stack.enter_context(lock_ctx(lock_dir))
    _held.append(stack)


def release_lock() -> None:
    """Give back what :func:`get_lock` took."""
    if _held:
        _held.pop().close()


def set_lock_status(use_lock: bool) -> None:
    """Accepted; PyTensor always takes the lock."""


_ONE = ("PyTensor's lock is a file lock of another library", "theano.gof.compilelock.lock_ctx")
__getattr__ = _gone.getattr_of(__name__, {"Unlocker": _ONE, "refresh_lock": _ONE, "lock": _ONE})
