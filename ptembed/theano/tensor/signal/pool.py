"""Pooling; not served yet."""

from ptembed.theano._later import not_yet

__all__ = ["Pool", "max_pool_2d_same_size", "pool_2d", "pool_3d"]

_INSTEAD = "reshape and max, where windows do not overlap,"
Pool, pool_2d, pool_3d, max_pool_2d_same_size = (
    not_yet(f"theano.tensor.signal.pool.{name}", _INSTEAD)
    for name in ("Pool", "pool_2d", "pool_3d", "max_pool_2d_same_size")
)
