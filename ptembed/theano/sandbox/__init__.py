"""What never left the sandbox, and the names that what left it had there."""

from ptembed.theano._gone import getattr_of

_MODULES = (
    "blocksparse",
    "cuda",
    "fourier",
    "gpuarray",
    "linalg",
    "multinomial",
    "neighbours",
    "rng_mrg",
    "softsign",
    "solve",
)

__getattr__ = getattr_of(__name__, lazy={name: f"{__name__}.{name}" for name in _MODULES})
