"""``linker.make_function()``, which PyTensor's linkers have not.

Theano's linkers gave a plain function for a graph, without shared variables or updates:
``PerformLinker().accept(FunctionGraph([x], [y])).make_function()``. :func:`extend` adds the method, :func:`restore`
takes it back.
"""

from pytensor.link.basic import Linker

from ptembed.legacy.changes import Changes

__all__ = ["extend", "restore"]

_changes = Changes()
restore = _changes.undo


def extend() -> None:
    """Give PyTensor's linkers the method."""
    _changes.add(Linker, "make_function", _make_function)


def _make_function(self, unpack_single=True, **options):
    """A function of the inputs of the graph that gives its outputs: as a list unless there is one alone."""
    thunk, inputs, outputs = self.make_thunk(**options)[:3]

    def execute(*arguments):
        if len(arguments) != len(inputs):
            raise TypeError(f"the function takes {len(inputs)} arguments, one for each input, got {len(arguments)}.")
        for container, value in zip(inputs, arguments, strict=True):
            container.data = value
        thunk()
        values = [container.data for container in outputs]
        return values[0] if unpack_single and len(values) == 1 else values

    execute.thunk = thunk
    return execute
