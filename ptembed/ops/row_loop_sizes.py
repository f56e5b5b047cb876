"""The sizes of a row loop: how many places along each leading axis, and how many columns its rows have.

Arrays that are combined row by row must agree in their leading axes; rows that are combined number by number must
have as many columns. Rows of different size may meet in one loop, since their sums are plain cells.

Read next: :mod:`ptembed.ops.row_loop_source`.
"""

from ptembed._pytensor import row_read, row_write
from ptembed.ops.row_nodes import is_row, role, row_places

__all__ = ["Sizes"]


class Sizes:
    """Names of sizes: ``n0``, ``n1`` for leading axes, ``d0``, ``d1``, ... for columns.

    Parameters
    ----------
    op : RowLoop
    names : dict
        From the inputs of the loop to their names in the source.
    number : callable
        From a scalar variable to the source of its number.
    """

    def __init__(self, op, names, number):
        self.op, self.names, self.number = op, names, number
        self.leading = [[] for _ in range(op.rank)]
        self.same = {}  # a forest: what has as many columns as what
        self.columns_of = {}  # root of the forest: sources of its number of columns
        for node in op.nodes:
            self._collect(node)
        for root, source in self._known():
            self.columns_of.setdefault(self._root(root), []).append(source)

    def columns(self, row):
        """Name the number of columns of a row, or of the rows of a table."""
        return f"d{list(self.columns_of).index(self._root(row))}"

    def lines(self):
        """Write the sizes, and the checks that they agree."""
        named = [(f"n{axis}", sources) for axis, sources in enumerate(self.leading)]
        named += [(f"d{k}", sources) for k, sources in enumerate(self.columns_of.values())]
        lines = []
        for name, sources in named:
            first, *others = dict.fromkeys(sources)
            lines += [f"{name} = {first}", *(f"check_size({other}, {name})" for other in others)]
        return lines

    def _collect(self, node):
        """Note which rows have as many columns, and the leading sizes that inputs tell."""
        kind = role(node, self.op.rank)
        if kind is None:
            return
        if kind == "read":
            self._join(node.outputs[0], row_read(node)[0])
        elif kind == "write":
            self._join(row_write(node)[1], self.op.root_table(node.outputs[0]))
        elif kind == "map":
            rows = [v for v in (*node.inputs, *node.outputs) if is_row(v, self.op.rank)]
            for row in rows[1:]:
                self._join(row, rows[0])
        taken = {"read": node.inputs[1:], "write": node.inputs[1:], "column": node.inputs[:1]}
        for var in taken.get(kind, node.inputs):
            self._note_leading(var)

    def _note_leading(self, var):
        if var in self.names:
            for axis, fixed in enumerate(getattr(var.type, "broadcastable", ())[: self.op.rank]):
                if not fixed:
                    self.leading[axis].append(f"{self.names[var]}.shape[{axis}]")

    def _join(self, row, other):
        if is_row(row, self.op.rank):
            self.same[self._root(row)] = self._root(other)

    def _root(self, key):
        while self.same.setdefault(key, key) is not key:
            key = self.same[key]
        return key

    def _known(self):
        """Give (row or table, source of its number of columns) where an input tells it."""
        for table in self.op.tables():
            if table.type.ndim == 2:
                yield (
                    table,
                    f"{self.names[table]}.shape[1]" if table in self.names else self.number(table.owner.inputs[2]),
                )
        for var, name in self.names.items():
            if is_row(var, self.op.rank) and self._is_combined(var):
                yield var, f"{name}.shape[{self.op.rank}]"

    def _is_combined(self, var):
        for node in self.op.nodes:
            if role(node, self.op.rank) and any(node.inputs[place] is var for place in row_places(node, self.op.rank)):
                return True
        return False
