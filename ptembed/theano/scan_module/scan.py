"""``theano.scan``: a loop in the graph.

PyTensor's loop is Theano's, a few years on. What is added here is what Theano did and PyTensor does not: updates are
:class:`~ptembed.theano.updates.OrderedUpdates`, default updates of shared variables happen in each step, ``-1`` steps
are one step, the mode may be of any linker. Read next: :mod:`ptembed.theano.scan_module.scan_views`.
"""

import pytensor
from pytensor.compile.mode import Mode
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.traversal import graph_inputs
from pytensor.link.basic import JITLinker, PerformLinker
from pytensor.link.c.basic import CLinker, OpWiseCLinker
from pytensor.link.vm import VMLinker
from pytensor.tensor.basic import get_scalar_constant_value
from pytensor.tensor.exceptions import NotScalarConstantError
from pytensor.tensor.type import TensorType

from ptembed._pytensor import without_deprecations
from ptembed.theano.compile.mode import get_mode
from ptembed.theano.compile.rebroadcast import Rebroadcast
from ptembed.theano.scan_module.first_values import with_first_values
from ptembed.theano.scan_module.map_variables import remember_step
from ptembed.theano.scan_module.scan_utils import get_updates_and_outputs, until
from ptembed.theano.updates import OrderedUpdates

__all__ = ["scan"]

_PLAIN_LINKERS = (PerformLinker, JITLinker, CLinker, OpWiseCLinker)


def scan(
    fn,
    sequences=None,
    outputs_info=None,
    non_sequences=None,
    n_steps=None,
    truncate_gradient=-1,
    go_backwards=False,
    mode=None,
    name=None,
    profile=False,
    allow_gc=None,
    strict=False,
    return_list=False,
):
    """Loop ``fn`` over the leading axis of ``sequences``, with its own earlier results.

    Parameters
    ----------
    fn : callable
        One step. Takes the slices of the sequences, then the earlier outputs, then the non-sequences, each in the order
        of the taps. Returns the outputs, the updates of shared variables, and :class:`until`, whichever there are, in
        this order.
    sequences : variable, dict or list of these, optional
        A dict has ``input`` and ``taps``, the integers ``k`` for which step ``t`` is given ``input[t + k]``: ``[0]`` if
        left out.
    outputs_info : variable, dict, None or list of these, optional
        The initial state of each output; None for an output that ``fn`` is not given back. A dict has ``initial`` and
        ``taps``, negative integers, ``[-1]`` if left out. With other taps, ``initial`` has one leading axis more, as
        long as the earliest tap says.
    non_sequences : variable or list of variables, optional
        What each step is given as it is. Shared variables and other variables that ``fn`` uses are found without it.
    n_steps : int or scalar, optional
        The number of steps; else as many as the shortest sequence has. One step (1 or -1) makes no loop.
    truncate_gradient : int
        How many of the last steps the gradient goes back; -1 is all.
    go_backwards : bool
        Whether the sequences are read from their ends.
    mode : str or Mode, optional
        How a step is compiled, if not as the function around it.
    name : str, optional
        The loop's name in graphs and profiles.
    profile : bool or str
        Whether to measure the steps.
    allow_gc : bool, optional
        Whether intermediate values are freed after each step: the flag ``scan.allow_gc`` if None.
    strict : bool
        Whether shared variables must be in ``non_sequences``.
    return_list : bool
        Whether one output is a list too.

    Returns
    -------
    outputs : variable, list of variables, or None
        Each output with the steps along a new leading axis.
    updates : OrderedUpdates
        The updates of shared variables that the steps make. To be given to ``theano.function``.

    Raises
    ------
    TypeError
        If ``n_steps`` is not an integer, or a state changes its broadcast pattern in a step.
    ValueError
        If nothing says how many steps there are, ``taps`` are wrong, ``fn`` returns something else than above, or a
        state changes its dtype or number of dimensions in a step.
    IndexError
        If ``n_steps`` is less than -1.
    MissingInputError
        If ``strict`` and ``fn`` uses a shared variable that is not in ``non_sequences``.

    Examples
    --------
    >>> import ptembed.theano as theano
    >>> x = theano.tensor.lvector()
    >>> sums, updates = theano.scan(lambda x_t, s: x_t + s, x, theano.tensor.constant(0, dtype="int64"))
    >>> theano.function([x], sums, mode="FAST_COMPILE")([1, 2, 3]).tolist()
    [1, 3, 6]
    """
    n_steps = _checked_steps(n_steps)
    infos = [_checked_info(info) for info in _as_list(outputs_info)]
    step = _Step(with_first_values(fn, sequences, outputs_info), once=_is_one(n_steps))
    try:
        with without_deprecations():
            outputs, updates = pytensor.scan(
                step,
                sequences=_dicts(sequences),
                outputs_info=infos,
                non_sequences=non_sequences,
                n_steps=n_steps,
                truncate_gradient=truncate_gradient,
                go_backwards=go_backwards,
                mode=_inner_mode(mode),
                name=name or "scan_fn",
                profile=profile,
                allow_gc=allow_gc,
                strict=strict,
                return_list=return_list,
                return_updates=True,
            )
    finally:
        step.restore_default_updates()
    if step.once:
        outputs = _map(_without_length, outputs)
    else:
        remember_step(step.arguments, step.outputs, infos, [*_as_list(outputs), *updates.values()])
    return outputs, OrderedUpdates(updates)


class _Step:
    """The step ``fn`` with the default updates of the shared variables it uses among its updates.

    PyTensor applies the default updates of those alone that ``fn`` itself has made, and takes them off these.
    """

    def __init__(self, fn, once):
        self.fn, self.once, self.default_updates = fn, once, {}

    def __call__(self, *args):
        self.arguments = args
        condition, outputs, updates = get_updates_and_outputs(self.fn(*args))
        if not self.once:
            ends = [] if condition is None else [condition]
            self.default_updates = _default_updates([*outputs, *updates.values(), *ends], args)
            updates = {**self.default_updates, **updates}
        self.outputs = list(outputs)
        return (list(outputs), updates) if condition is None else (list(outputs), updates, until(condition))

    def restore_default_updates(self):
        """Give back what PyTensor took off."""
        with without_deprecations():
            for shared, update in self.default_updates.items():
                if shared.default_update is not update:
                    shared.default_update = update


def _default_updates(expressions, arguments):
    """The new values of the shared variables that ``expressions`` of ``arguments``, and these new values, use."""
    found, todo = {}, list(expressions)
    while todo:
        shared = [v for v in graph_inputs(todo, blockers=arguments) if isinstance(v, SharedVariable) and v not in found]
        new = {v: v.default_update for v in shared if getattr(v, "default_update", None) is not None}
        found.update(new)
        todo = list(new.values())
    return found


def _checked_steps(n_steps):
    """``n_steps``, 1 for -1."""
    if isinstance(n_steps, float) and n_steps not in (1.0, -1.0):
        raise TypeError(f"n_steps must be an integer, got {n_steps}: round it first.")
    known = _constant(n_steps)
    if known == -1:
        return 1
    if known is not None and known < 0:
        raise IndexError(f"n_steps must not be negative, got {known}: go_backwards=True goes from the last step back.")
    return n_steps


def _is_one(n_steps):
    return _constant(n_steps) == 1


def _constant(n_steps):
    """The number of steps where it is known, else None."""
    if n_steps is None:
        return None
    try:
        return get_scalar_constant_value(n_steps)
    except NotScalarConstantError:
        return None


def _dicts(sequences):
    """Copies of the dicts, which PyTensor would write into."""
    return _map(lambda given: dict(given) if isinstance(given, dict) else given, sequences)


def _checked_info(info):
    """What is known of one output, without the keys that Theano did not mind."""
    if not isinstance(info, dict):
        return info
    if info.get("return_steps") is not None:
        raise ValueError("Using `return_steps` has been deprecated: take the steps that are needed, as in outputs[-1].")
    known = {key: info[key] for key in ("initial", "taps") if key in info}
    _refuse_too_few_steps(known.get("initial"), known.get("taps"))
    return known


def _refuse_too_few_steps(initial, taps):
    """Raise an error if an initial state is known to be shorter than its taps reach back."""
    shape = getattr(getattr(initial, "type", initial), "shape", ())
    earliest = -min(taps or [-1])
    if earliest > 1 and shape and shape[0] is not None and shape[0] < earliest:
        raise ValueError(
            f"The initial state of an output with taps {list(taps)} must have {earliest} steps, got {shape[0]}: "
            "give the earlier ones too."
        )


def _as_list(given):
    return [] if given is None else list(given) if isinstance(given, list | tuple) else [given]


def _map(change, given):
    """``change`` what is one thing or a list of them."""
    return [change(one) for one in given] if isinstance(given, list | tuple) else change(given)


def _inner_mode(mode):
    """The mode of a step. PyTensor's loop wants its own virtual machine to run it, whichever linker is named."""
    if mode is None or mode in ("FAST_RUN", "FAST_COMPILE"):
        return mode
    mode = get_mode(mode)
    if isinstance(mode.linker, _PLAIN_LINKERS):
        return Mode(VMLinker(use_cloop=False, c_thunks=False), mode.provided_optimizer)
    return mode


def _without_length(out):
    """``out`` without what is known of its number of steps, as the output of a loop."""
    return Rebroadcast((0, False))(out) if isinstance(out.type, TensorType) else out
