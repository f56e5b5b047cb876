"""Eight numbers of several rows of a matrix, scaled and added up in the registers of the processor.

A loop over the columns that a compiler makes vector instructions of checks each time whether its arrays overlap, and
takes the columns behind the last whole vector one by one. For a loop of a hundred instructions that is up to a third
of the time. Here the vectors are written down.

Read next: :mod:`ptembed.factor.products`.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["LANES", "add_scaled"]

LANES = 8
LOOSE = ("reassoc", "contract", "nsz")  # as in ptembed.factor.products


@intrinsic
def add_scaled(typing: Any, sums: Any, place: Any, B: Any, column: Any, rows: Any, values: Any) -> Any:
    """Add ``values[j] * B[rows[j], column : column + 8]`` for all j to ``sums[place : place + 8]``; nothing is checked.

    ``sums`` and ``B`` are contiguous and of the dtype of the values; ``rows``, unsigned, and ``values`` are tuples of
    one length.
    """

    def codegen(context, builder, signature, args):
        to, table = (
            context.make_array(kind)(context, builder, array)
            for kind, array in zip(signature.args[:3:2], args[:3:2], strict=True)
        )
        number, width = context.get_data_type(sums.dtype), builder.extract_value(table.shape, 1)
        vector, size = ir.VectorType(number, LANES), context.get_abi_sizeof(number)

        def eight(data, at):
            return builder.bitcast(builder.gep(data, [at]), vector.as_pointer())

        def scaled(j):
            row, value = (builder.extract_value(given, j) for given in args[4:])
            start = builder.add(builder.mul(builder.zext(row, width.type), width), args[3])
            numbers = builder.load(eight(table.data, start), align=size)
            return builder.fmul(spread(builder, value, vector), numbers, flags=LOOSE)

        target = eight(to.data, args[1])
        total = builder.load(target, align=size)
        for first in range(0, len(rows), 2):
            part = scaled(first)
            if first + 1 < len(rows):
                part = builder.fadd(part, scaled(first + 1), flags=LOOSE)
            total = builder.fadd(total, part, flags=LOOSE)
        builder.store(total, target, align=size)
        return context.get_dummy_value()

    return types.void(sums, place, B, column, rows, values), codegen


def spread(builder, value, vector):
    """Give a vector of one number."""
    none, nought = ir.Constant(vector, ir.Undefined), ir.Constant(ir.IntType(32), 0)
    firsts = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(builder.insert_element(none, value, nought), none, firsts)
