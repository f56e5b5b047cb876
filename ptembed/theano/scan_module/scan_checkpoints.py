"""A loop of loops: the gradient keeps one state in N, and computes the others again."""

import pytensor.tensor as pt

from ptembed.theano.scan_module.scan import scan

__all__ = ["scan_checkpoints"]


def scan_checkpoints(
    fn,
    sequences=None,
    outputs_info=None,
    non_sequences=None,
    name="checkpointscan_fn",
    n_steps=None,
    save_every_N=10,
    padding=True,
):
    r"""Loop ``fn`` as ``scan`` does, and give back every N-th step alone.

    With :math:`T` steps and :math:`N = \sqrt T`, the gradient needs memory for :math:`2 \sqrt T` states, not for
    :math:`T`, and computes each step twice.

    Parameters
    ----------
    fn : callable
        As of ``scan``, without ``until``.
    sequences : variable or list of variables, optional
    outputs_info : variable, None or list of these, optional
        The initial states; of each output, only the last one is given back to ``fn``.
    non_sequences : variable or list of variables, optional
    name : str
    n_steps : int or scalar, optional
        The number of steps; else as many as the first sequence has.
    save_every_N : int
        N.
    padding : bool
        Whether the length of the sequences may be no multiple of N. They are copied then.

    Returns
    -------
    outputs : variable or list of variables
        Each output after N, 2 N, ... steps, and after the last.
    updates : OrderedUpdates

    Raises
    ------
    RuntimeError
        If ``outputs_info`` has taps.
    ValueError
        If neither ``n_steps`` nor ``sequences`` are given.
    """
    sequences, infos, others = (_as_list(given) for given in (sequences, outputs_info, non_sequences))
    if any(isinstance(info, dict) and "taps" in info for info in infos):
        raise RuntimeError("scan_checkpoints doesn't work with taps: put the earlier states into one output.")
    if n_steps is None:
        if not sequences:
            raise ValueError("scan_checkpoints must know the number of steps, got none: give n_steps, or a sequence.")
        n_steps = sequences[0].shape[0]
    n_steps = pt.as_tensor(n_steps, dtype="int64")
    rounds = (n_steps + save_every_N - 1) // save_every_N
    lengths = pt.minimum(save_every_N, n_steps - save_every_N * pt.arange(rounds))

    def round_of_steps(*args):
        length, *args = args
        parts, args = args[: len(sequences)], args[len(sequences) :]
        n_states = len(args) - len(others)
        states = iter(args[:n_states])
        outputs, updates = scan(
            fn,
            parts,
            [None if info is None else next(states) for info in infos] or None,
            args[n_states:],
            length,
            name=name + "_inner",
            return_list=True,
        )
        return [output[-1] for output in outputs], updates

    return scan(
        round_of_steps,
        [lengths, *(_in_parts(seq, save_every_N, padding) for seq in sequences)],
        infos or None,
        others,
        rounds,
        name=name + "_outer",
        allow_gc=True,
    )


def _as_list(given):
    return [] if given is None else list(given) if isinstance(given, list | tuple) else [given]


def _in_parts(seq, length, padding):
    """``seq`` with its leading axis in parts of ``length``, the last one filled up with zeros if ``padding``."""
    rest = seq.shape[1:]
    if padding:
        seq = pt.join(0, seq, pt.zeros([-seq.shape[0] % length, *rest], dtype=seq.dtype))
    return seq.reshape([seq.shape[0] // length, length, *rest], ndim=seq.ndim + 1)
