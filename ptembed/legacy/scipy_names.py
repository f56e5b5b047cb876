"""The names of ``scipy.misc``, which SciPy emptied: those that live on elsewhere, and those that say what to use.

A function that SciPy dropped for good is there, so that the module that imports it loads; calling it raises
``NotImplementedError`` with the replacement.
"""

import importlib
import sys
import warnings
from types import ModuleType

import scipy

__all__ = ["TABLE"]


def _lazily(module: str, name: str):
    """The function ``module.name`` by a function, so that the module is imported when it is called."""

    def call(*args, **kwargs):
        return getattr(importlib.import_module(module), name)(*args, **kwargs)

    call.__name__ = name
    call.__doc__ = f"See ``{module}.{name}``."
    return call


def _gone(name: str, instead: str):
    def refuse(*args, **kwargs):
        raise NotImplementedError(f"scipy.{name} is gone: SciPy dropped it; use {instead}.")

    refuse.__name__ = name.rpartition(".")[2]
    return refuse


#: Where the names of ``scipy.misc`` live now.
_MOVED = {
    **{name: ("scipy.special", name) for name in ("comb", "factorial", "factorial2", "factorialk", "logsumexp")},
    **{name: ("scipy.datasets", name) for name in ("ascent", "face", "electrocardiogram")},
}
_GONE = {
    "imread": "imageio.v3.imread(path), or PIL.Image.open(path) and numpy.asarray",
    "imsave": "imageio.v3.imwrite(path, array), or PIL.Image.fromarray(array).save(path)",
    "imresize": "PIL.Image.fromarray(array).resize((width, height)), or skimage.transform.resize",
    "imrotate": "scipy.ndimage.rotate, or PIL.Image.fromarray(array).rotate(degrees)",
    "imfilter": "PIL.ImageFilter",
    "imshow": "matplotlib.pyplot.imshow",
    "toimage": "PIL.Image.fromarray",
    "fromimage": "numpy.asarray(image)",
    "bytescale": "numpy.clip, multiplication and astype('uint8')",
    "lena": "scipy.datasets.face, a photograph that may be given away",
    "derivative": "scipy.differentiate.derivative",
    "central_diff_weights": "the package findiff",
    "pade": "scipy.interpolate.pade",
}


def _misc() -> ModuleType:
    """``scipy.misc``; an empty module where SciPy has none any more."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return importlib.import_module("scipy.misc")
        except ImportError:
            module = sys.modules["scipy.misc"] = ModuleType("scipy.misc")
            scipy.misc = module
            return module


TABLE = {
    _misc(): {name: _lazily(*place) for name, place in _MOVED.items()}
    | {name: _gone(f"misc.{name}", instead) for name, instead in _GONE.items()},
}
