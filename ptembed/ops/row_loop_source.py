"""The source of a row loop, written from its nodes.

It has this shape (rank 1; ``x`` inputs, ``o`` outputs, ``i`` row numbers, ``s`` cells, ``v`` rows at column ``c``)::

    def row_loop(x0, x1, x2):
        check sizes and row numbers
        o0 = np.empty(...)
        for b0 in range(n0):
            i1 = np.int64(x1[b0])
            for c in range(d0): ...   # sums over the row that depend on nothing but rows
            s0 = ...                  # cells that depend on these sums
            for c in range(d0): ...   # sums that depend on these cells, and so on
            for c in range(d0): ...   # one loop for each row that is stored
        return o0

A table of zeros that the loop makes is not filled beforehand: the first write of a row stores, later ones add, and a
row without a write is filled at the end.

Where rows are summed, the loop is written twice, for short rows and for long ones that are summed in parts: that choice
within the loop would take registers that short rows need.

A row is not stored between these loops but computed again, which costs less than memory as long as it takes products
and sums only; :mod:`ptembed.rewrites.row_kernels` sees to that. One store a loop keeps the checks for overlap few
enough that LLVM vectorises it.

A table that is both read and written is written by rows of the same number only (the rewrite sees to that too), in the
last loop and all such tables together, after each read of the row.

Read next: :mod:`ptembed.ops.row_loop_kernel`.
"""

from math import ceil
from typing import NamedTuple

import numpy as np
from pytensor.graph.basic import Constant, Variable
from pytensor.scalar.basic import ScalarType

from ptembed._pytensor import row_read, row_write
from ptembed.ops.row_loop_sizes import Sizes
from ptembed.ops.row_nodes import is_end, is_row, role, sum_axes, sums_row

__all__ = ["row_loop_source"]

AHEAD = 12  # rows of matrices between asking for one and using it; with rows in groups, one group
PART = 1024  # numbers added up in the dtype of the row


class Store(NamedTuple):
    """One thing that a pass leaves behind: ``columns`` is None for a cell, ``table`` for what is no table.

    Where ``empty`` is true the table has no row there yet, and ``first`` takes the place of ``line``.
    """

    value: Variable
    columns: str | None
    table: Variable | None
    line: str
    empty: str = ""
    first: str = ""


def row_loop_source(op):
    """Write the kernel of a :class:`ptembed.ops.row_loop.RowLoop` as Python source, a function ``row_loop``."""
    return _Writer(op).source()


class _Writer:
    """Names and lines of one kernel."""

    def __init__(self, op):
        self.op, self.rank = op, op.rank
        self.place = {node: k for k, node in enumerate(op.nodes)}
        self.x = {var: f"x{k}" for k, var in enumerate(op.inputs)}
        self.o = {var: f"o{k}" for k, var in enumerate(op.outputs)}
        self.b = [f"b{axis}" for axis in range(self.rank)]
        self.sizes = Sizes(op, self.x, self._number)

    def source(self):
        lines = _indent([*self._head(), *self._first_rows(), *self._loops(), *self._tail()])
        return "\n".join([f"def row_loop({', '.join(self.x.values())}):", *lines]) + "\n"

    def _loops(self):
        """Write the loop over the rows: where rows are summed, once for short rows and once for long ones."""
        summed = [node.inputs[0] for node in self.op.nodes if self._role(node) == "sum" and sums_row(node, self.rank)]
        sizes = dict.fromkeys(map(self.sizes.columns, summed))
        if not sizes:
            return self._loop(long=False)
        short = " and ".join(f"{size} <= {PART}" for size in sizes)
        return [f"if {short}:", *_indent(self._loop(long=False)), "else:", *_indent(self._loop(long=True))]

    def _loop(self, long):
        loops = [f"{'    ' * axis}for {b} in range(n{axis}):" for axis, b in enumerate(self.b)]
        return [*loops, *(f"{'    ' * self.rank}{line}" for line in self._one_pass(long))]

    def _role(self, node):
        return role(node, self.rank)

    # before and after the loop

    def _head(self):
        lines = self.sizes.lines()
        for idx, table in self.op.accesses() if self.rank else ():
            lines.append(f"check_rows({self.x[idx]}{'' if self.rank == 1 else '.ravel()'}, {self._rows_of(table)})")
        return lines + [line for out, name in self.o.items() for line in self._begin(out, name)]

    def _begin(self, out, name):
        """Make an output, or what becomes one."""
        dtype = f"np.{out.type.dtype}"
        if self._role(out.owner) == "write":
            table = self.op.root_table(out)
            if table in self.x:
                return [f"{name} = {self.x[table]}{'' if self.op.inplace else '.copy()'}"]
            size = _tuple(map(self._number, table.owner.inputs[1:]))
            if not self._fills_late(out):
                return [f"{name} = np.zeros({size}, {dtype})"]
            return [f"{name} = np.empty({size}, {dtype})", f"e_{name} = np.ones({self._rows_of(table)}, np.bool_)"]
        if is_end(out.owner, self.rank):
            kept = self._kept(out.owner, [f"n{axis}" for axis in range(self.rank)], self.sizes.columns)
            return [f"{name} = np.zeros({_tuple(kept)}, {dtype})" if kept else f"a_{name} = 0.0"]
        sizes = [f"n{axis}" for axis in range(self.rank)]
        if is_row(out, self.rank):
            sizes.append(self.sizes.columns(out))
        elif self.rank:
            sizes += ["1"] * (out.type.ndim - self.rank)
        return [f"{name} = np.empty({_tuple(sizes)}, {dtype})"] if sizes else []

    def _fills_late(self, out):
        """Tell whether a written table of zeros stores its rows as they come, and fills what is left at last."""
        table = self.op.root_table(out)
        read = any(row_read(node)[0] is table for node in self.op.nodes if self._role(node) == "read")
        return self.rank > 0 and table not in self.x and table.type.ndim == 2 and not read

    def _kept(self, node, leading, columns):
        """Give what of the axes of a sum is kept: some of ``leading``, and ``columns`` of a row."""
        axes, x = sum_axes(node), node.inputs[0]
        kept = [name for axis, name in enumerate(leading) if axis not in axes]
        return kept + ([columns(x)] if is_row(x, self.rank) and self.rank not in axes else [])

    def _tail(self):
        lines = []
        for out, name in self.o.items():
            whole = self._role(out.owner) == "sum" and is_end(out.owner, self.rank) and out.type.ndim == 0
            lines += [f"{name} = np.asarray(np.{out.type.dtype}(a_{name}))"] if whole else []
            if self._role(out.owner) == "write" and self._fills_late(out):
                lines += [f"for b0 in range(len(e_{name})):", f"    if e_{name}[b0]:", f"        {name}[b0] = 0"]
        return [*lines, f"return {', '.join(self.o.values())}"]

    def _rows_of(self, table):
        """Write the number of rows of a table: an input, or zeros that the loop makes."""
        return f"{self.x[table]}.shape[0]" if table in self.x else self._number(table.owner.inputs[1])

    def _number(self, var):
        return str(int(var.data)) if isinstance(var, Constant) else f"{self.x[var]}.item()"

    # one pass

    def _one_pass(self, long):
        lines = self._row_numbers()
        stages = self._stages()
        for stage in range(max(stages.values(), default=0) + 1):
            here = [node for node in self.op.nodes if stages.get(node) == stage]
            lines += self._row_sums([node for node in here if self._role(node) == "sum"], long)
            lines += [line for node in here for line in self._cell(node)]
            lines += [] if self.rank or stage else self._late_checks()
        return lines + self._stores()

    def _row_numbers(self):
        """Take the row numbers of this pass, and ask for the rows of a later one."""
        if not self.rank:
            return []
        numbers = dict.fromkeys(idx for idx, _ in self.op.accesses())
        lines = [f"{self._row_number(idx)} = np.int64({self._element(idx)})" for idx in numbers]
        later = f"{self.b[0]} + {self._ahead()}"
        asked = self._asked(later)
        return lines + ([f"if {later} < n0:", *_indent(asked)] if asked else [])

    def _first_rows(self):
        """Ask for the rows that no pass asks for."""
        asked = self._asked("b0") if self.rank == 1 else []
        return [f"for b0 in range(min({self._ahead()}, n0)):", *_indent(asked)] if asked else []

    def _ahead(self):
        """Give how many passes lie between asking for rows and using them."""
        rows = sum(table in self.x and table.type.ndim == 2 for _, table in self.op.accesses())
        return ceil(AHEAD / max(rows, 1)) if self.rank == 1 else 1

    def _asked(self, place):
        """Ask for the rows at ``place`` of the first axis."""
        found = [(self._element(idx), self.x[table]) for idx, table in self.op.accesses() if table in self.x]
        return [f"prefetch_row({table}, np.int64({row.replace(self.b[0], place)}))" for row, table in found]

    def _late_checks(self):
        """Check the row numbers of a loop of rank 0, which may be computed in it."""
        return [f"check_row({self._row_number(idx)}, {self._rows_of(table)})" for idx, table in self.op.accesses()]

    def _row_number(self, idx):
        return f"i{self.x[idx][1:]}" if self.rank else self._element(idx)

    def _element(self, var):
        """Write the number of ``var`` at this place: of a row, that in column ``c``."""
        if isinstance(var, Constant):
            return f"np.{_dtype(var)}({np.asarray(var.data).item()!r})"
        if var not in self.x:
            return self._name(var)
        if isinstance(var.type, ScalarType):
            return self.x[var]
        places = self.b[: var.type.ndim] + ["c"] * (var.type.ndim - self.rank)
        at = ["0" if fixed else place for place, fixed in zip(places, var.type.broadcastable, strict=True)]
        return f"{self.x[var]}[{', '.join(at) or '()'}]"

    def _name(self, var):
        letter = "v" if is_row(var, self.rank) else "s"
        several = len(var.owner.outputs) > 1
        return f"{letter}{self.place[var.owner]}{f'_{var.owner.outputs.index(var)}' if several else ''}"

    def _stages(self):
        """Number the nodes that give cells: how many sums over rows, one after the other, come before their value."""
        stages = {}
        for node in self.op.nodes:
            kind = self._role(node)
            if kind is not None and (kind != "sum" or sums_row(node, self.rank)) and kind != "write":
                stages[node] = max((stages.get(v.owner, 0) for v in node.inputs), default=0) + (kind == "sum")
        return {node: stage for node, stage in stages.items() if not is_row(node.outputs[0], self.rank)}

    def _cell(self, node):
        """Compute a cell that is no sum."""
        kind = self._role(node)
        if kind == "map":
            return self._map(node)
        if kind == "column":
            return [f"{self._name(node.outputs[0])} = {self._element(node.inputs[0])}"]
        if kind == "read":
            table, idx = row_read(node)
            check = [] if self.rank else [f"check_row({self._row_number(idx)}, {self._rows_of(table)})"]
            return [*check, f"{self._name(node.outputs[0])} = {self.x[table]}[{self._row_number(idx)}]"]
        return []

    def _map(self, node):
        k = self.place[node]
        call = f"f{k}({', '.join(self._element(v) for v in node.inputs)})"
        if len(node.outputs) == 1:
            return [f"{self._name(node.outputs[0])} = np.{_dtype(node.outputs[0])}({call})"]
        parts = [f"{self._name(out)} = np.{_dtype(out)}(t{k}[{j}])" for j, out in enumerate(node.outputs)]
        return [f"t{k} = {call}", *parts]

    # loops over columns

    def _row_sums(self, nodes, long):
        """Sum rows; those of one size together, since without stores they need no check for overlap."""
        lines = []
        for size, group in _grouped(nodes, lambda node: self.sizes.columns(node.inputs[0])):
            cells = {f"s{self.place[node]}": node for node in group}
            zeros = [f"{cell} = np.{_dtype(node.outputs[0])}(0)" for cell, node in cells.items()]
            body = self._rows([node.inputs[0] for node in group])
            body += [f"{cell} += {self._element(node.inputs[0])}" for cell, node in cells.items()]
            at_once = [*zeros, f"for c in range({size}):", *_indent(body)]
            lines += _in_parts(cells, size, zeros, body) if long else at_once
        return lines

    def _rows(self, rows):
        """Compute rows at column ``c``, and the rows that they come from."""
        wanted, waiting = set(), [v.owner for v in rows]
        while waiting:
            node = waiting.pop()
            if node in self.place and node not in wanted and is_row(node.outputs[0], self.rank):
                wanted.add(node)
                waiting += [v.owner for v in node.inputs] if self._role(node) == "map" else []
        return [line for node in self.op.nodes if node in wanted for line in self._row(node)]

    def _row(self, node):
        if self._role(node) == "map":
            return self._map(node)
        table, idx = row_read(node)
        return [f"{self._name(node.outputs[0])} = {self.x[table]}[{self._row_number(idx)}, c]"]

    def _stores(self):
        stores = [self._store(node) for node in self.op.nodes if self._role(node) and is_end(node, self.rank)]
        stores += [self._output(out) for out in self.o if not is_end(out.owner, self.rank)]
        read = {row_read(node)[0] for node in self.op.nodes if self._role(node) == "read"}
        rows = [store for store in stores if store.columns]
        groups = [(store.columns, [store]) for store in rows if store.table not in read]
        groups += _grouped([store for store in rows if store.table in read], lambda store: store.columns)
        lines = []
        for size, group in groups:
            rows = self._rows([store.value for store in group])
            usual = [f"for c in range({size}):", *_indent([*rows, *(store.line for store in group)])]
            for store in group:
                if store.empty:
                    first = [f"{store.empty} = False", f"for c in range({size}):", *_indent([*rows, store.first])]
                    usual = [f"if {store.empty}:", *_indent(first), "else:", *_indent(usual)]
            lines += usual
        return lines + [store.line for store in stores if not store.columns]

    def _store(self, node):
        """Store what an end of the loop gathers: writes, and sums over leading axes."""
        return self._write(node) if self._role(node) == "write" else self._add_up(node)

    def _write(self, node):
        _, value, idx = row_write(node)
        table, name = self.op.root_table(node.outputs[0]), self.o[self.op.last_write(node).outputs[0]]
        columns = self.sizes.columns(table) if table.type.ndim == 2 else None
        row = self._row_number(idx)
        at = f"{name}[{row}{', c' if columns else ''}]"
        sign = "=" if node.op.set_instead_of_inc else "+="
        stored = f"{at} {{}} {self._element(value)}".format
        late = (f"e_{name}[{row}]", stored("=")) if self._fills_late(node.outputs[0]) else ()
        return Store(value, columns, table, stored(sign), *late)

    def _add_up(self, node):
        x, name = node.inputs[0], self.o[node.outputs[0]]
        at = self._kept(node, self.b, lambda _: "c")
        value = f"s{self.place[node]}" if sums_row(node, self.rank) else self._element(x)
        columns = self.sizes.columns(x) if "c" in at else None
        return Store(x, columns, None, f"{name}[{', '.join(at)}] += {value}" if at else f"a_{name} += {value}")

    def _output(self, out):
        name, value = self.o[out], self._element(out)
        if is_row(out, self.rank):
            return Store(out, self.sizes.columns(out), None, f"{name}[{', '.join([*self.b, 'c'])}] = {value}")
        if self.rank:
            at = self.b + ["0"] * (out.type.ndim - self.rank)
            return Store(out, None, None, f"{name}[{', '.join(at)}] = {value}")
        if isinstance(out.type, ScalarType):
            return Store(out, None, None, f"{name} = {value}")
        ones = (1,) * out.type.ndim
        return Store(out, None, None, f"{name} = np.full({ones}, {value})" if ones else f"{name} = np.asarray({value})")


def _in_parts(cells, size, zeros, body):
    """Add up the parts of a long row in float64. The columns are unsigned, since LLVM does not see that they are not
    negative, and would gather the numbers one by one."""
    columns = f"np.uint64(part), np.uint64(min(part + {PART}, {size}))"
    part = [*zeros, f"for c in range({columns}):", *_indent(body), *(f"w_{cell} += {cell}" for cell in cells)]
    lines = [*(f"w_{cell} = 0.0" for cell in cells), f"for part in range(0, {size}, {PART}):", *_indent(part)]
    return lines + [f"{cell} = np.{_dtype(node.outputs[0])}(w_{cell})" for cell, node in cells.items()]


def _grouped(items, key):
    groups = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups.items()


def _indent(lines):
    return [f"    {line}" for line in lines]


def _tuple(items):
    return f"({', '.join(items)},)"


def _dtype(var):
    return "bool_" if var.type.dtype == "bool" else var.type.dtype
