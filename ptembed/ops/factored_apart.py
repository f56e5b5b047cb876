"""Numba functions that are compiled once, apart from those that call them.

Numba copies what a function calls into it and compiles the copy again, at each level: the step of a factored layer,
five levels deep in a function of PyTensor, took most of the time before the first call so. A function that is *apart*
has its machine code once, in PyTensor's cache on disk, and is called by its address, under a name that is the same in
all processes.

Read next: :mod:`ptembed.ops.factored_step`.
"""

import inspect
import sys
from hashlib import sha256

import llvmlite.binding as llvm
from numba import from_dtype, njit, types
from numba.core import cgutils
from numba.core.imputils import impl_ret_new_ref
from numba.extending import intrinsic
from numpy import dtype
from pytensor import config
from pytensor.link.numba.cache import CACHED_SRC_FUNCTIONS

__all__ = ["apart", "array_types"]

made: dict = {}


def array_types(variables):
    """Give Numba's types of C-contiguous arrays of the dtypes and dimensions of symbolic ``variables``."""
    return tuple(types.Array(from_dtype(dtype(x.type.dtype)), x.type.ndim, "C") for x in variables)


def apart(function, arguments, *modules):
    """Compile a function of arrays for itself.

    Parameters
    ----------
    function : callable
        Of module level. It may raise exceptions.
    arguments : tuple of Numba types
        Of C-contiguous arrays.
    *modules : modules
        Of what the function calls, so that an edited one is never taken from the cache.

    Returns
    -------
    callable
        For compiled functions only: of one tuple of arrays.
    """
    sources = "".join(map(inspect.getsource, (sys.modules[function.__module__], sys.modules[__name__], *modules)))
    name = f"{function.__module__}.{function.__name__}."
    name += sha256((sources + repr((arguments, config.numba__fastmath))).encode()).hexdigest()
    if name not in made:
        CACHED_SRC_FUNCTIONS[function] = sha256(sources.encode()).hexdigest()
        dispatcher = njit(cache=config.numba__cache, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
        dispatcher.compile(arguments)
        compiled = dispatcher.overloads[arguments]
        llvm.add_symbol(name, compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))
        made[name] = dispatcher, _caller(name, compiled.signature.return_type, arguments)
    return made[name][1]


def _caller(name, result, arguments):
    @intrinsic
    def call(typingctx, given):
        wanted = [(x.dtype, x.ndim, x.layout) for x in arguments]
        got = [(x.dtype, x.ndim, x.layout) for x in given.types]
        if got != wanted:
            raise TypeError(f"arrays must be of types {wanted}, got {got}")

        def codegen(context, builder, signature, values):
            convention = context.call_conv
            callee = cgutils.get_or_insert_function(
                builder.module, convention.get_function_type(result, arguments), name
            )
            status, out = convention.call_function(
                builder, callee, result, arguments, cgutils.unpack_tuple(builder, values[0])
            )
            with cgutils.if_unlikely(builder, status.is_error):
                convention.return_status_propagate(builder, status)
            return impl_ret_new_ref(context, builder, result, out)

        return result(given), codegen

    return call
