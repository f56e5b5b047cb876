"""``linker.make_function()``, which PyTensor's linkers have not.

Theano's linkers gave a plain function for a graph, without shared variables or updates:
``PerformLinker().accept(FunctionGraph([x], [y])).make_function()``. :func:`extend` adds the method, :func:`restore`
takes it back.
"""

from pytensor.link.basic import Linker

__all__ = ["extend", "restore"]


def extend() -> None:
    """Give PyTensor's linkers the method."""
    if not hasattr(Linker, "make_function"):
        setattr(Linker, "make_function", _make_function)  # noqa: B010  the type checker refuses the other way


def restore() -> None:
    """Take back what :func:`extend` did."""
    if vars(Linker).get("make_function") is _make_function:
        delattr(Linker, "make_function")


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
