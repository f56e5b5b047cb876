"""Layers of which some blocks are active; the Ops are in :mod:`ptembed.ops.block_products`."""

from ptembed.ops.block_products import SparseBlockGemv, SparseBlockOuter

__all__ = [
    "SparseBlockGemv",
    "SparseBlockOuter",
    "sparse_block_dot",
    "sparse_block_gemv",
    "sparse_block_gemv_inplace",
    "sparse_block_outer",
    "sparse_block_outer_inplace",
]

sparse_block_gemv, sparse_block_gemv_inplace = SparseBlockGemv(), SparseBlockGemv(True)
sparse_block_outer, sparse_block_outer_inplace = SparseBlockOuter(), SparseBlockOuter(True)


def sparse_block_dot(W, h, inputIdx, b, outputIdx):
    """Give those blocks of a layer's output that ``outputIdx`` names, from those of its input that ``inputIdx`` names.

    Parameters
    ----------
    W : array (blocks in, blocks out, size in, size out)
    h : array (batch, active in, size in), or one example without the first axis
    inputIdx : int matrix (batch, active in)
    b : matrix (blocks out, size out)
    outputIdx : int matrix (batch, active out)

    Returns
    -------
    array (batch, active out, size out)
        The sum over the active blocks i of ``h[i] @ W[i, j]``, plus ``b[j]``.

    Raises
    ------
    AssertionError
        If the indices have not one dimension less than ``h``.
    """
    if not inputIdx.ndim == outputIdx.ndim == h.ndim - 1:
        raise AssertionError(f"inputIdx and outputIdx must have {h.ndim - 1} dimensions, one less than h: reshape them")
    if h.ndim == 2:
        h, inputIdx, outputIdx = h[None], inputIdx[None], outputIdx[None]
    return sparse_block_gemv(b.take(outputIdx, axis=0), W, h, inputIdx, outputIdx)
