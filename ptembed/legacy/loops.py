"""What Theano's loops said of themselves and PyTensor's do not.

``v.owner.op`` of a loop is PyTensor's ``Scan``; in a compiled function it is one that PyTensor's rewrites have made, so
that a subclass would not do. Programs that look into a loop (Blocks does, to find the variables of a recurrent layer)
ask it for what Theano's had. Only names that PyTensor's does not have are added, and calls that it refuses.
"""

from collections.abc import Callable

from pytensor.graph.basic import Apply
from pytensor.scan.op import Scan

from ptembed.legacy.changes import Changes

__all__ = ["extend", "restore"]

_changes = Changes()
restore = _changes.undo

_PROPERTIES: dict[str, Callable] = {
    "inputs": lambda op: list(op.inner_inputs),
    "outputs": lambda op: list(op.inner_outputs),
    "as_while": lambda op: op.info.as_while,
    "gpua": lambda op: False,
    "mit_mot_out_slices": lambda op: [list(taps) for taps in op.info.mit_mot_out_slices],
    "n_mit_mot": lambda op: len(op.info.mit_mot_in_slices),
    "n_mit_mot_outs": lambda op: sum(map(len, op.info.mit_mot_out_slices)),
    "n_mit_sot": lambda op: len(op.info.mit_sot_in_slices),
    "n_nit_sot": lambda op: op.info.n_nit_sot,
    "n_outs": lambda op: len(op.tap_array),
    "n_seqs": lambda op: op.info.n_seqs,
    "n_shared_outs": lambda op: op.info.n_untraced_sit_sot,
    "n_sit_sot": lambda op: len(op.info.sit_sot_in_slices),
    "tap_array": lambda op: [
        list(taps) for taps in (*op.info.mit_mot_in_slices, *op.info.mit_sot_in_slices, *op.info.sit_sot_in_slices)
    ],
    "var_mappings": lambda op: op.get_oinp_iinp_iout_oout_mappings(),
}

_METHODS: dict[str, Callable] = {
    "inner_shared": lambda op, inputs: op.inner_untraced_sit_sot(inputs),
    "inner_shared_outs": lambda op, outputs: op.inner_untraced_sit_sot_outs(outputs),
    "mitmot_out_taps": lambda op: op.mit_mot_out_slices,
    "mitmot_taps": lambda op: op.tap_array[: op.n_mit_mot],
    "mitsot_taps": lambda op: op.tap_array[op.n_mit_mot : op.n_mit_mot + op.n_mit_sot],
    "outer_shared": lambda op, node: op.outer_untraced_sit_sot(_side(node, "inputs")),
    "outer_shared_outs": lambda op, node: op.outer_untraced_sit_sot_outs(_side(node, "outputs")),
}

# these take a list of variables in PyTensor, and in Theano a node as well
_OF_INPUTS = ("outer_seqs", "outer_mitmot", "outer_mitsot", "outer_sitsot", "outer_nitsot", "outer_non_seqs")
_OF_OUTPUTS = ("outer_mitmot_outs", "outer_mitsot_outs", "outer_sitsot_outs", "outer_nitsot_outs")


def extend() -> None:
    """Give PyTensor's loops the names of Theano's that they do not have."""
    members: dict[str, object] = {name: property(get) for name, get in _PROPERTIES.items()}
    members |= _METHODS
    for name, member in members.items():
        _changes.add(Scan, name, member)
    for names, side in ((_OF_INPUTS, "inputs"), (_OF_OUTPUTS, "outputs")):
        for name in names:
            _changes.set(Scan, name, _of_node(getattr(Scan, name), side))


def _of_node(method: Callable, side: str) -> Callable:
    return lambda op, node: method(op, _side(node, side))


def _side(node, side: str):
    return getattr(node, side) if isinstance(node, Apply) else node
