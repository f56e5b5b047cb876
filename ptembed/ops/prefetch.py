"""Ask the processor for a row of a table before it is needed.

The rows that a step reads lie anywhere in a table that is larger than the cache, so each waits for memory. Asked for
a few rows ahead, they arrive while other rows are computed. They are asked into the second cache, which waits for more
lines at a time than the first."""

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["prefetch_row"]

LINE = 64  # bytes
MOST = 1024  # bytes of a row; what follows is fetched by the processor, which has seen the row begin


@intrinsic
def prefetch(typing, table, i, offset):
    """Ask for the line that is ``offset`` bytes into row ``i``. A wrong address does no harm."""

    def codegen(context, builder, signature, args):
        array = context.make_array(signature.args[0])(context, builder, args[0])
        strides = cgutils.unpack_tuple(builder, array.strides)
        start = builder.add(builder.mul(args[1], strides[0]), args[2])
        byte = ir.IntType(8).as_pointer()
        address = builder.gep(builder.bitcast(array.data, byte), [start])
        flag = ir.IntType(32)
        function = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
        call = cgutils.get_or_insert_function(builder.module, function, "llvm.prefetch.p0i8")
        to_write, second_cache, data = flag(0), flag(2), flag(1)
        builder.call(call, [address, to_write, second_cache, data])
        return context.get_dummy_value()

    return types.void(table, types.int64, types.int64), codegen


@njit(forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)  # a call costs as much as what it asks for
def prefetch_row(table, i):
    """Ask for row ``i`` of a matrix, or number ``i`` of a vector."""
    for offset in range(0, min(table.strides[0], MOST), LINE):
        prefetch(table, i, offset)
