"""States of NumPy's random generators from files, held against one that a generator has.

NumPy trusts the place in its block of random bits, and reads beside the block when that is wrong.
"""

from typing import Any

import numpy as np

__all__ = ["like_state", "refuse_places"]

PLACES = {"pos": "key", "buffer_pos": "buffer"}


def like_state(given: Any, pattern: Any) -> Any:
    """Give a state made of what JSON holds, as like ``pattern`` as two states of one kind are.

    Parameters
    ----------
    given : object
        Where ``pattern`` has an array, ``{"array": list, "dtype": str}``.
    pattern : dict
        The state of a bit generator.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        When it is of another kind.
    """
    state = _like(given, pattern)
    refuse_places(state)
    return state


def refuse_places(state: Any) -> None:
    """Refuse a state whose place is beside its block.

    Raises
    ------
    ValueError
    """
    for part in (state, state.get("state")):
        for place, block in PLACES.items():
            if isinstance(part, dict) and place in part and not 0 <= part[place] <= len(part[block]):
                raise ValueError(f"a generator must stand within its block of bits, got {place} {part[place]}")


def _like(given, pattern):
    if isinstance(pattern, dict):
        if not isinstance(given, dict) or given.keys() != pattern.keys():
            raise ValueError(f"a generator's state must have {', '.join(pattern)}, got another")
        return {name: _like(given[name], value) for name, value in pattern.items()}
    if isinstance(pattern, np.ndarray):
        return _array(given, pattern)
    if type(given) is not type(pattern) or (isinstance(given, str) and given != pattern):
        raise ValueError(f"a generator's state must have a {type(pattern).__name__} as {pattern}, got another")
    return given


def _array(given, pattern):
    if not isinstance(given, dict) or given.get("dtype") != pattern.dtype.str:
        raise ValueError(f"a generator's state must have {pattern.size} numbers of {pattern.dtype}, got others")
    try:
        numbers = np.array(given["array"], pattern.dtype)
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"a generator's state must have numbers of {pattern.dtype}: {error}") from error
    if numbers.shape != pattern.shape:
        raise ValueError(f"a generator's state must have {pattern.size} numbers, got {numbers.shape}")
    return numbers
