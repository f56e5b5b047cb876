"""The routines of BLAS and LAPACK that a factored step is made of, into memory that is there, for NumPy and Numba.

Numba's ``@`` allocates its result, and has no symmetric products; and its wrappers take long to compile. These call
SciPy's routines by their address. All matrices are C-contiguous and of one dtype. Of a symmetric one, the lower
triangle is read and written.

A product of larger matrices is taken in tiles where OpenBLAS has kernels for small ones, and one thread. These read
their arguments where they lie, and copy nothing: at the shapes of a step they do 109 to 113 Gflop/s on a machine where
a product as a whole does 92 to 100, in float32; in float64 54 to 57 in place of 48 to 53.
"""

import ctypes

import llvmlite.binding as llvm
import numpy as np
import scipy.linalg
from numba.core import cgutils, types
from numba.extending import get_cython_function_address, intrinsic, overload, register_jitable

__all__ = [
    "SUMS",
    "as_type",
    "cholesky",
    "copy_into",
    "eigenvectors",
    "gram",
    "loops",
    "lu",
    "lu_solve_rows",
    "product",
    "solve_rows",
    "sum_of_products",
]

# letters of BLAS: what is lower here is upper there, where matrices lie by columns
N, T, V, R, LOWER, UPPER = (np.int8(ord(letter)) for letter in "NTVRUL")

BLOCK = 16  # rows that a system is solved for at once
SMALL = 10**6  # multiplications in what is a small product to OpenBLAS
ROWS, COLUMNS = 24, 48  # of a tile: its rows, and the fewest columns that pay

# for functions of loops, whose sums may be taken in any order; NaN and infinity are kept
SUMS = {"reassoc", "contract", "nsz"}
loops = register_jitable(fastmath=SUMS)


def _routine(module, name):
    """Give a function for Numba that calls a routine with pointers to all items of a tuple."""
    for prefix in "sd":
        address = get_cython_function_address(f"scipy.linalg.{module}", prefix + name)
        llvm.add_symbol(f"ptembed.{prefix}{name}", address)

    @intrinsic
    def call(typingctx, arguments):
        dtype = next(x.dtype for x in arguments if isinstance(x, types.Array) and isinstance(x.dtype, types.Float))
        symbol = f"ptembed.{'s' if dtype.bitwidth == 32 else 'd'}{name}"

        def codegen(context, builder, signature, values):
            pointers = [
                _pointer(context, builder, type_, value)
                for type_, value in zip(arguments, cgutils.unpack_tuple(builder, values[0]), strict=True)
            ]
            form = cgutils.ir.FunctionType(cgutils.ir.VoidType(), [cgutils.voidptr_t] * len(pointers))
            builder.call(cgutils.get_or_insert_function(builder.module, form, symbol), pointers)
            return context.get_dummy_value()

        return types.void(arguments), codegen

    return call


def _pointer(context, builder, type_, value):
    if isinstance(type_, types.Array):
        pointer = context.make_array(type_)(context, builder, value).data
    else:
        pointer = cgutils.alloca_once_value(builder, value)
    return builder.bitcast(pointer, cgutils.voidptr_t)


gemm, syrk, trsm = (_routine("cython_blas", x) for x in ("gemm", "syrk", "trsm"))
potrf, getrf, syevd, trtri = (_routine("cython_lapack", x) for x in ("potrf", "getrf", "syevd", "trtri"))


def as_type(x, like):
    """Give ``x`` with the dtype of ``like``; the array itself where it has that."""
    return x.astype(like.dtype, copy=False)


@overload(as_type)
def _as_type(x, like):
    return (lambda x, like: x) if x.dtype == like.dtype else (lambda x, like: x.astype(like.dtype))


def copy_into(out, x):
    """``out[:] = x`` of two arrays of one shape, without what Numba compiles to say that they are not."""
    out[:] = x


@overload(copy_into)
def _copy_into(out, x):
    if x.ndim == 1:

        def copy_into(out, x):
            for c in range(len(x)):
                out[c] = x[c]

    else:

        def copy_into(out, x):
            for i in range(x.shape[0]):
                for c in range(x.shape[1]):
                    out[i, c] = x[i, c]

    return copy_into


def _small_products():
    """Give whether SciPy's BLAS is an OpenBLAS with kernels for small products, as for AVX-512, and its threads' count.

    They are an integer and a function, by their addresses: code on disk may have been compiled where they were others.
    """
    flag, library = ctypes.c_int64(0), ctypes.CDLL(scipy.linalg.cython_blas.__file__)
    for prefix in ("scipy_openblas", "openblas"):
        if hasattr(library, f"{prefix}_get_corename"):
            corename, threads = (getattr(library, f"{prefix}_get_{name}") for name in ("corename", "num_threads"))
            corename.restype = ctypes.c_char_p
            flag.value = corename() in {b"SkylakeX", b"Cooperlake", b"SapphireRapids"}
            return flag, ctypes.cast(threads, ctypes.c_void_p).value
    return flag, ctypes.addressof(flag)


has_small, threads_address = _small_products()
llvm.add_symbol("ptembed.has_small", ctypes.addressof(has_small))
llvm.add_symbol("ptembed.threads", threads_address)


@intrinsic
def _has_small(typingctx):
    def codegen(context, builder, signature, values):
        form = context.get_value_type(types.int64)
        return builder.load(cgutils.add_global_variable(builder.module, form, "ptembed.has_small"))

    return types.int64(), codegen


@intrinsic
def _threads(typingctx):
    def codegen(context, builder, signature, values):
        form = cgutils.ir.FunctionType(context.get_value_type(types.int32), [])
        return builder.call(cgutils.get_or_insert_function(builder.module, form, "ptembed.threads"), [])

    return types.int32(), codegen


def product(A, by_rows, B, transposed, C, add):
    """``C = op(A) op(B)``, or ``C += ...`` to ``add``; ``A`` transposed unless ``by_rows``, ``B`` if ``transposed``."""
    out = (A if by_rows else A.T) @ (B.T if transposed else B)
    C[:] = C + out if add else out


@overload(product)
def _product(A, by_rows, B, transposed, C, add):
    def product(A, by_rows, B, transposed, C, add):
        m, n = C.shape
        k = np.int32(A.shape[1] if by_rows else A.shape[0])
        if m == 0 or n == 0:
            return
        rows_of_B, rows_of_A = T if transposed else N, N if by_rows else T
        one, more, ldc = C.dtype.type(1), C.dtype.type(add), np.int32(n)
        ldb, lda = np.int32(max(1, B.shape[1])), np.int32(max(1, A.shape[1]))
        width = 0 if transposed or m * n * k <= SMALL else _columns(k)
        if width == 0 or not _has_small() or _threads() > 1:
            gemm((rows_of_B, rows_of_A, ldc, np.int32(m), k, one, B, ldb, A, lda, more, C, ldc))
            return
        for c in range(0, n, width):
            columns = np.int32(min(width, n - c))
            for i in range(0, m, ROWS):
                part, rows = A[i:] if by_rows else A[:, i:], np.int32(min(ROWS, m - i))
                gemm((N, rows_of_A, columns, rows, k, one, B[:, c:], ldb, part, lda, more, C[i:, c:], ldc))

    return product


@register_jitable
def _columns(k):
    """Give how many columns a tile has, of which each takes ``k`` multiplications a row; zero where that is too few."""
    width = SMALL // (ROWS * max(k, 1)) // 16 * 16
    return width if width >= COLUMNS else 0


def gram(A, C):
    """``C = A A^T``."""
    C[:] = A @ A.T


@overload(gram)
def _gram(A, C):
    def gram(A, C):
        n, k, one, zero = np.int32(len(C)), np.int32(A.shape[1]), C.dtype.type(1), C.dtype.type(0)
        syrk((LOWER, T, n, k, one, A, k, zero, C, n))

    return gram


def sum_of_products(A, B, by_rows, C):
    """``C = A B^T + B A^T``, or ``A^T B + B^T A`` unless ``by_rows``."""
    out = A @ B.T if by_rows else A.T @ B
    C[:] = out + out.T


@overload(sum_of_products)
def _sum_of_products(A, B, by_rows, C):
    """By one product and its transpose: ``syr2k`` takes as many operations, and longer for each."""

    def sum_of_products(A, B, by_rows, C):
        product(A, by_rows, B, by_rows, C, False)
        for i in range(len(C)):
            for j in range(i + 1):
                C[i, j] += C[j, i]

    return sum_of_products


def cholesky(S):
    """Factor a symmetric ``S`` in place, into a lower triangle; gives whether it is positive definite."""
    (routine,) = scipy.linalg.get_lapack_funcs(("potrf",), (S,))
    S[:], info = routine(S, lower=True)
    return info == 0


@overload(cholesky)
def _cholesky(S):
    def cholesky(S):
        n, info = np.int32(len(S)), np.zeros(1, np.int32)
        potrf((LOWER, n, S, n, info))
        return info[0] == 0

    return cholesky


def solve_rows(S, B):
    """``B = (L L^T)^-1 B`` in place, of the lower triangle ``L`` in ``S``."""
    B[:] = scipy.linalg.cho_solve((S, True), B, check_finite=False)


@overload(solve_rows)
def _solve_rows(S, B):
    """By the inverses of blocks on the diagonal of L, and products: ``trsm`` takes twice as long for so few rows."""

    def solve_rows(S, B):
        m, n, one, zero = len(B), np.int32(B.shape[1]), B.dtype.type(1), B.dtype.type(0)
        inverses, out, lds, ldb = _inverted_blocks(S), np.empty_like(B[:BLOCK]), np.int32(m), np.int32(BLOCK)
        for a in range(0, m, BLOCK):
            b = min(a + BLOCK, m)
            size = np.int32(b - a)
            if a > 0:
                gemm((N, N, n, size, np.int32(a), -one, B, n, S[a:], lds, one, B[a:], n))
            gemm((N, N, n, size, size, one, B[a:], n, inverses[a:], ldb, zero, out, n))
            copy_into(B[a:b], out[: b - a])
        for a in range((m - 1) // BLOCK * BLOCK, -1, -BLOCK):
            b = min(a + BLOCK, m)
            size = np.int32(b - a)
            if b < m:
                gemm((N, T, n, size, np.int32(m - b), -one, B[b:], n, S[b:, a:], lds, one, B[a:], n))
            gemm((N, T, n, size, size, one, B[a:], n, inverses[a:], ldb, zero, out, n))
            copy_into(B[a:b], out[: b - a])

    return solve_rows


@register_jitable
def _inverted_blocks(S):
    """Give the inverses (m, BLOCK) of the diagonal blocks of the lower triangle in ``S``, one below the other."""
    inverses, info = np.zeros((len(S), BLOCK), S.dtype), np.zeros(1, np.int32)
    for a in range(0, len(S), BLOCK):
        b = min(a + BLOCK, len(S))
        for i in range(a, b):
            for j in range(a, i + 1):
                inverses[i, j - a] = S[i, j]
        trtri((LOWER, N, np.int32(b - a), inverses[a:], np.int32(BLOCK), info))
    return inverses


def lu(A, pivots):
    """Factor ``A`` in place; gives whether it is regular. Only :func:`lu_solve_rows` knows how the factors lie."""
    (routine,) = scipy.linalg.get_lapack_funcs(("getrf",), (A,))
    factors, pivots[:], info = routine(A.T)
    A[:] = factors.T
    return info == 0


@overload(lu)
def _lu(A, pivots):
    def lu(A, pivots):
        n, info = np.int32(len(A)), np.zeros(1, np.int32)
        getrf((n, n, A, n, pivots, info))
        return info[0] == 0

    return lu


def lu_solve_rows(A, pivots, B):
    """``B = A^-1 B`` in place, with what :func:`lu` made of A."""
    B[:] = scipy.linalg.lu_solve((A.T, pivots), B, trans=1, check_finite=False)


@overload(lu_solve_rows)
def _lu_solve_rows(A, pivots, B):
    def lu_solve_rows(A, pivots, B):
        m, n, one = np.int32(B.shape[0]), np.int32(B.shape[1]), B.dtype.type(1)
        trsm((R, LOWER, N, N, n, m, one, A, m, B, n))
        trsm((R, UPPER, N, LOWER, n, m, one, A, m, B, n))  # U for a diagonal of ones
        for i in range(len(pivots) - 1, -1, -1):
            j = pivots[i] - 1  # Fortran counts from 1
            if i != j:
                for c in range(B.shape[1]):
                    B[i, c], B[j, c] = B[j, c], B[i, c]

    return lu_solve_rows


def eigenvectors(S, values):
    """Make the rows of a symmetric ``S`` its eigenvectors, and fill ``values`` with its eigenvalues, ascending."""
    values[:], vectors = np.linalg.eigh(S)
    S[:] = vectors.T


@overload(eigenvectors)
def _eigenvectors(S, values):
    def eigenvectors(S, values):
        n, info = np.int32(len(S)), np.zeros(1, np.int32)
        work, places = np.empty(1 + 6 * n + 2 * n * n, S.dtype), np.empty(3 + 5 * n, np.int32)
        syevd((V, LOWER, n, S, n, values, work, np.int32(len(work)), places, np.int32(len(places)), info))

    return eigenvectors
