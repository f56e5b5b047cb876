"""Ops made of graphs."""

from pytensor.compile import builders
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Variable
from pytensor.graph.null_type import NullType
from pytensor.graph.op import io_connection_pattern
from pytensor.graph.replace import clone_replace
from pytensor.graph.traversal import graph_inputs

from ptembed._pytensor import inline_ofg_expansion, without_deprecations
from ptembed.theano.compile.function_module import orig_function
from ptembed.theano.compile.mode import optdb
from ptembed.theano.compile.pfunc import rebuild_collect_shared
from ptembed.theano.configparser import change_flags

__all__ = ["OpFromGraph", "inline_ofg_expansion"]

_without_test_values = change_flags(compute_test_value="off")  # the variables inside an Op have none


class OpFromGraph(builders.OpFromGraph):
    """An Op that computes a graph.

    Parameters
    ----------
    inputs, outputs : lists of variables
        The graph. Shared variables in it need not be inputs.
    inline : bool
        Whether the graph takes the Op's place when a function is compiled.
    lop_overrides, grad_overrides : "default", callable, OpFromGraph, Variable, or list of them
        What takes the place of the gradient, one of both: ``lop_overrides(inputs, outputs, output_gradients)`` or
        ``grad_overrides(inputs, output_gradients)`` give the list of the gradients of the inputs. A list has an entry
        for each input, which gives one gradient. A variable of ``NullType`` or ``DisconnectedType`` says that there is
        none.
    rop_overrides : "default", callable, OpFromGraph, Variable, or list of them
        ``rop_overrides(inputs, eval_points)`` gives the list of the R-operators of the outputs.
    connection_pattern : list of lists of bool, optional
        For each input, which outputs it is connected to.
    name : str, optional
    **kwargs
        Further arguments of :func:`~ptembed.theano.compile.function_module.orig_function`.

    Raises
    ------
    TypeError
        If an input or output is no variable, or ``updates`` or ``givens`` are given.
    ValueError
        If both gradients are overridden, or an override has not one entry for each input.

    Examples
    --------
    >>> import ptembed.theano.tensor as T
    >>> x, y = T.dscalars("x", "y")
    >>> hypotenuse = OpFromGraph([x, y], [T.sqrt(x**2 + y**2)])
    >>> float(hypotenuse(x, y).eval({x: 3.0, y: 4.0}))
    5.0
    """

    def __init__(
        self,
        inputs,
        outputs,
        inline=False,
        lop_overrides="default",
        grad_overrides="default",
        rop_overrides="default",
        connection_pattern=None,
        name=None,
        **kwargs,
    ):
        if not isinstance(outputs, list):
            raise TypeError(f"outputs must be list, got {type(outputs)}")
        for variable in [*inputs, *outputs]:
            if not isinstance(variable, Variable):
                raise TypeError("inputs and outputs must be Variable instances", variable)
        if "updates" in kwargs or "givens" in kwargs:
            raise TypeError("updates and givens are not allowed here: put the new expressions into the outputs")
        if not _is_default(lop_overrides) and not _is_default(grad_overrides):
            raise ValueError("lop_overrides and grad_overrides are mutually exclusive")
        self.given_inputs, self._given_pattern = list(inputs), connection_pattern
        self.given_outputs = list(outputs)
        self.captured = [v for v in graph_inputs(outputs, inputs) if isinstance(v, SharedVariable) and v not in inputs]
        stand_ins = {shared: shared.type() for shared in self.captured}
        if stand_ins:
            outputs = clone_replace(outputs, stand_ins)
        with without_deprecations():
            super().__init__(
                [*inputs, *stand_ins.values()],
                outputs,
                inline=inline,
                connection_pattern=connection_pattern,
                name=name,
                **kwargs,
            )
        self.set_lop_overrides(lop_overrides)
        if not _is_default(grad_overrides):
            self.set_grad_overrides(grad_overrides)
        self.set_rop_overrides(rop_overrides)

    def set_lop_overrides(self, lop_overrides):
        """Override the gradient as ``lop_overrides`` of the constructor does."""
        self._set_pullback(_entries(lop_overrides, len(self.input_types)))

    def set_grad_overrides(self, grad_overrides):
        """Override the gradient as ``grad_overrides`` of the constructor does."""
        entries = _entries(grad_overrides, len(self.input_types))
        if isinstance(entries, builders.OpFromGraph):
            expected, got = len(self.input_types) + len(self.output_types), len(entries.input_types)
            if got != expected:
                raise ValueError(f"expect overrider with {expected} inputs, got {got}")
        self._set_pullback(
            [_without_outputs(e) for e in entries] if type(entries) is list else _without_outputs(entries)
        )

    def set_rop_overrides(self, rop_overrides):
        """Override the R-operator as ``rop_overrides`` of the constructor does."""
        self.pushforward_overrides = _entries(rop_overrides, len(self.output_types))
        self._rop_op_cache = self._frozen_rop = None

    def _set_pullback(self, overrides):
        self.pullback_overrides = overrides
        self._lop_op_cache, self._frozen_lop = {}, None
        self._connection_pattern = self._given_pattern

    def connection_pattern(self, node):
        """For each input, whether each output depends on it, or its gradient on that of the output."""
        if self._connection_pattern is None:
            pattern = io_connection_pattern(self.local_inputs, self.local_outputs)
            gradients, of_outputs = self._overridden_gradients()
            for row, gradient in zip(pattern, gradients, strict=True):
                if gradient is not None:
                    disconnected = isinstance(gradient.type, DisconnectedType)
                    back = io_connection_pattern(of_outputs, [gradient])
                    row[:] = [not disconnected and (on or b) for on, (b,) in zip(row, back, strict=True)]
            self._connection_pattern = pattern
        return self._connection_pattern

    @_without_test_values
    def _overridden_gradients(self):
        """The gradients of the inputs, ``None`` where they are not overridden, and those of the outputs they are of."""
        override = self.pullback_overrides
        inputs, outputs = [t() for t in self.input_types], [t() for t in self.output_types]
        of_outputs = [t() for t in self.output_types]
        arguments = inputs, outputs, of_outputs
        if override is None:
            gradients = [None] * len(inputs)
        elif isinstance(override, list):
            gradients = [entry(*arguments) if callable(entry) else entry for entry in override]
        elif isinstance(override, builders.OpFromGraph):
            gradients = override(*inputs, *outputs, *of_outputs, return_list=True)
        else:
            gradients = override(*arguments)
        return gradients, of_outputs

    @_without_test_values
    def _build_and_cache_lop_op(self, *args):
        return super()._build_and_cache_lop_op(*args)

    @_without_test_values
    def _build_and_cache_rop_op(self):
        return super()._build_and_cache_rop_op()

    @property
    def local_inputs(self):
        return list(self.inner_inputs)

    @property
    def local_outputs(self):
        return list(self.inner_outputs)

    def __call__(self, *inputs, **kwargs):
        if len(inputs) == len(self.given_inputs):
            inputs = (*inputs, *self.captured)
        if len(inputs) != len(self.input_types):
            raise ValueError(f"Expected {len(self.given_inputs)} inputs, got {len(inputs)}")
        return super().__call__(*inputs, **kwargs)

    def pushforward(self, inputs, outputs, tangents):
        known = [
            x.zeros_like() if isinstance(tangent.type, DisconnectedType) else tangent
            for x, tangent in zip(inputs, tangents, strict=True)
        ]
        return super().pushforward(inputs, outputs, known)


def _is_default(override) -> bool:
    return isinstance(override, str) and override == "default"


def _entries(override, count):
    """An override of Theano's as one of PyTensor's, where ``None`` is the default."""
    if isinstance(override, list):
        return [None if _is_default(entry) else entry for entry in override]
    if isinstance(override, Variable):
        if not isinstance(override.type, NullType | DisconnectedType):
            raise ValueError(
                f"Overriding Variable instance can only have type of DisconnectedType or NullType, got {override.type}"
            )
        return [override] * count
    if _is_default(override):
        return None
    if not callable(override):
        raise TypeError(
            "L_op/gradient override should be (single or list of) 'default' | OpFromGraph | callable | Variable with "
            f"NullType or DisconnectedType, got {override}"
        )
    return override


def _without_outputs(override):
    """A gradient that takes inputs and output gradients as one that takes the outputs too."""
    if override is None or isinstance(override, Variable):
        return override
    if isinstance(override, builders.OpFromGraph):
        return lambda inputs, outputs, gradients: override(*inputs, *gradients, return_list=True)
    return lambda inputs, outputs, gradients: override(inputs, gradients)
