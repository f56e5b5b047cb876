"""Parts of arrays, and arrays with a part replaced or added to."""

from pytensor.tensor.subtensor import inc_subtensor, set_subtensor

__all__ = ["inc_subtensor", "set_subtensor"]
