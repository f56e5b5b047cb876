"""What ``theano.function`` gives: a compiled function, which is called.

PyTensor's, with what it dropped of Theano's: inputs with default values, results by key, looking into a function
(``f[x]``, ``f.container[x]``), and the care for inputs that share memory with one that may be overwritten. A function
that has none of it costs one comparison more for each call.

Read next: :mod:`ptembed.theano.compile.function_module`, which makes it.
"""

import contextlib
import copy
import copyreg
import functools
import warnings
from types import SimpleNamespace

import numpy as np
import pytensor.compile.executor
from pytensor.compile.executor import DUPLICATE, AliasedMemoryError
from pytensor.graph.basic import Variable
from pytensor.graph.utils import get_variable_trace_string
from pytensor.link.basic import Container

from ptembed.theano.compile.io import In
from ptembed.theano.configparser import config

__all__ = ["Function", "get_info_on_inputs"]

get_info_on_inputs = pytensor.compile.executor.Function._get_info_on_inputs
_call = pytensor.compile.executor.Function.__call__


class Function(pytensor.compile.executor.Function):
    """A compiled function.

    Calling it computes its outputs from its inputs, which are given by position or by name. ``f[x]`` is the value of an
    input or a shared variable ``x`` (the variable, its name, or its position), ``f[x] = value`` sets it;
    ``f.container[x]`` is the cell it is in, which another function may share.

    Attributes
    ----------
    fn : callable
        What runs the graph.
    maker : FunctionMaker
    trust_input : bool
        Whether inputs are taken as they are, without any check.
    defaults : list of (bool, bool, object)
        For each input: whether the caller must give it, whether it is put back after each call, and to what.
    output_keys : list of str or None
        The keys of the results.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.output_keys = self.maker.output_keys
        for given, cell in zip(self.maker.inputs, self.input_storage, strict=True):
            if given.value is not None and not isinstance(given.value, Container | Variable):
                cell.value = cell.storage[0]
        self.defaults = [
            (required, refeed, cell.storage[0] if refeed else None)
            for required, refeed, cell in zip(self.maker.required, self.maker.refeed, self.input_storage, strict=True)
        ]
        self._has_defaults = any(self.maker.refeed)

    def __call__(self, *args, **kwargs):
        """Compute the outputs.

        Parameters
        ----------
        *args, **kwargs
            The inputs. ``output_subset`` is a list of the positions or keys of the outputs that are wanted.

        Returns
        -------
        array, list, or dict
            As the outputs were given to ``theano.function``.

        Raises
        ------
        TypeError
            If an input is missing, of another type, or given twice.
        """
        if not kwargs and not self._has_defaults and self.output_keys is None:
            return _call(self, *args)
        subset = kwargs.pop("output_subset", None)
        try:
            outputs = _call(self, *args, **kwargs)
        finally:
            self._restore_defaults()
        return outputs if self.return_none else self._packed(outputs, subset)

    def _restore_defaults(self):
        for cell, (_, refeed, value) in zip(self.input_storage, self.defaults, strict=True):
            if refeed:
                cell.storage[0] = value

    def _packed(self, outputs, subset):
        keys = self.output_keys
        if subset is None:
            return outputs if keys is None else dict(zip(keys, outputs, strict=True))
        if keys is not None:
            return {key: outputs[keys.index(key)] for key in subset}
        outputs = [outputs] if self.unpack_single else outputs
        return [outputs[i] for i in subset]

    def _validate_inputs(self, args, kwargs):
        cells = self.input_storage
        if len(args) + len(kwargs) > len(cells):
            raise TypeError("Too many parameter passed to theano function")
        for cell in cells:
            cell.provided = 0
        for i, (cell, value) in enumerate(zip(cells, args, strict=False)):
            try:
                cell.storage[0] = None if value is None else _filtered(cell, value)
            except Exception as error:
                self._say_which_input(error, i, value)
                raise
            cell.provided += 1
        for key, value in kwargs.items():
            self[key] = value
        if self._check_for_aliased_inputs:
            self._copy_aliased_inputs()
        for cell in cells:
            self._check_provided(cell)

    def _say_which_input(self, error, i, value):
        name = f' with name "{self.name}"' if self.name else ""
        argument = f' with name "{value.name}"' if getattr(value, "name", None) else ""
        where = get_variable_trace_string(self.maker.inputs[i].variable)
        text = f"Bad input argument{argument} to theano function{name} at index {i} (0-based). {where}"
        error.args = (f"{text}{error.args[0]}",) if len(error.args) == 1 else (text, *error.args)

    def _check_provided(self, cell):
        if cell.required and not cell.provided:
            raise TypeError(f"Missing required input: {self.inv_finder[cell].variable}")
        if cell.provided > 1:
            raise TypeError(f"Multiple values for input: {self.inv_finder[cell].variable}")
        if cell.implicit and cell.provided:
            raise TypeError(f"Tried to provide value for implicit input: {self.inv_finder[cell].variable}")

    @functools.cached_property
    def _check_for_aliased_inputs(self):
        """Whether an input that the caller gives may be overwritten or be given back."""
        return any(
            isinstance(given, In) and not given.shared and (given.borrow or given.mutable)
            for given in self.maker.inputs
        )

    def _copy_aliased_inputs(self):
        """Copy each input that shares memory with one before it."""
        seen: dict[type, list] = {}
        for given, cell in zip(self.maker.inputs, self.input_storage, strict=True):
            kind = given.variable.type
            may_share = getattr(kind, "may_share_memory", None)
            if may_share is None or cell.storage[0] is None:
                continue
            before = seen.setdefault(type(kind), [])
            if any(may_share(other, cell.storage[0]) for other in before):
                cell.storage[0] = copy.copy(cell.storage[0])
            before.append(cell.storage[0])

    @property
    def fn(self):
        return self.vm

    @property
    def finder(self):
        """The cell of each input, by position, variable and name."""
        return self._finder

    @property
    def inv_finder(self):
        """The input of each cell."""
        return self._inv_finder

    @property
    def indices(self):
        """For each input: what it was given as."""
        return self.maker.indices

    @property
    def n_returned_outputs(self):
        return self._n_returned_outputs

    @property
    def nodes_with_inner_function(self):
        return [node.op for node in self._nodes_with_inner_function]

    @property
    def value(self):
        """The values of the inputs, as a mapping."""
        return _Values(self)

    @property
    def container(self):
        """The cells of the inputs, as a mapping."""
        return _Containers(self)

    def __contains__(self, item):
        return item in self._finder

    def __getitem__(self, item):
        return self.value[item]

    def __setitem__(self, item, value):
        self.value[item] = value

    def copy(self, share_memory=False, swap=None, delete_updates=False, name=None, profile=None):
        """A function of the same graph, which returns its outputs as a list, even of one.

        Parameters
        ----------
        share_memory : bool
            Whether both keep what they compute on the way in the same place.
        swap : dict, optional
            Each shared variable and the one that takes its place.
        delete_updates : bool
            Whether the copy leaves shared variables as they are.
        name : str, optional
        profile : bool, str or ProfileStats, optional

        Returns
        -------
        Function

        Raises
        ------
        ValueError
            If a variable to be swapped is not in the function.
        AssertionError
            If a variable to be swapped is of another type than what takes its place.
        """
        with warnings.catch_warnings(), self._with_storage_of_graph():
            warnings.filterwarnings("ignore", "Shared variable .* will still be mutated")  # _leave_alone sees to it
            copied = super().copy(share_memory, swap, delete_updates, name, profile)
        copied.outputs = copied.maker.outputs = copied.maker.outputs[: len(self.maker.outputs)]
        copied.unpack_single = False
        copied.name = copied.maker.fgraph.name = name or (self.name and f"{self.name} copy")
        return copied

    @contextlib.contextmanager
    def _with_storage_of_graph(self):
        """Show the linker's cells of the graph's variables alone: a linker may run another graph, or hide its cells."""
        vm = self.vm
        known = self.maker.fgraph.variables
        cells = {var: cell for var, cell in getattr(vm, "storage_map", {}).items() if var in known}
        self.vm = SimpleNamespace(storage_map=cells)
        try:
            yield
        finally:
            self.vm = vm

    def sync_shared(self):
        """Wait for the GPU: there is none, and nothing to wait for."""


def _filtered(cell, value):
    """``value`` as an array of the cell's type; NumPy has another error for a number that does not fit into it."""
    try:
        return cell.type.filter(value, strict=cell.strict, allow_downcast=cell.allow_downcast)
    except OverflowError as error:
        raise TypeError(f"{cell.type} cannot store accurately value {value}: {error}") from error


class _Containers:
    """``f.container``."""

    def __init__(self, function):
        self._function = function

    def __getitem__(self, item):
        return self._function.finder[item]

    def __contains__(self, item):
        return item in self._function.finder


class _Values:
    """``f.value``."""

    def __init__(self, function):
        self._function = function

    def __contains__(self, item):
        return item in self._function.finder

    def __getitem__(self, item):
        return self._cell(item).value

    def __setitem__(self, item, value):
        cell = self._cell(item)
        cell.value = None if value is None else _filtered(cell, value)
        cell.provided += 1

    def _cell(self, item):
        function = self._function
        if item not in function.finder:
            inputs = get_info_on_inputs(function._named_inputs, function._n_unnamed_inputs)
            raise TypeError(f"Unknown input or state: {item}. {inputs}")
        cell = function.finder[item]
        if cell is DUPLICATE:
            raise TypeError(
                f"Ambiguous name: {item} - please check the names of the inputs of your function for duplicates."
            )
        return cell


def _pickle_Function(function):
    for cell in function.input_storage:
        if cell.required:
            cell.storage[0] = None  # given at each call; a function that collects no garbage has the last one still
    values = [cell.data for cell in function.input_storage]
    arrays = [value for value in values if isinstance(value, np.ndarray)]
    strategy = function.pickle_aliased_memory_strategy
    if strategy != "ignore" and any(np.may_share_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i]):
        if strategy != "warn":
            raise AliasedMemoryError("Inputs of the function share memory, which a pickle does not keep.")
        warnings.warn("Inputs of the function share memory, which a pickle does not keep.", stacklevel=2)
    return _constructor_Function, (function.maker, list(function.input_storage), values, function.trust_input)


def _constructor_Function(maker, input_storage, inputs_data, trust_input=False):
    if not config.unpickle_function:
        return None
    function = maker.create(input_storage)
    function.trust_input = trust_input
    return function


copyreg.pickle(Function, _pickle_Function)  # type: ignore[arg-type]
