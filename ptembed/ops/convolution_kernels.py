"""The Numba kernels of :mod:`ptembed.ops.convolution`: checks, sizes and memory.

What computes is called by its address; see :mod:`ptembed.ops.convolution_tiles`, whose array of sizes is filled here.
"""

import numpy as np
from numba import njit, objmode, types
from pytensor.link.numba.cache import _call_cached_ptr

from ptembed.ops.convolution_geometry import (
    BAD_CHANNELS,
    BAD_GROUPS,
    BAD_PLACES,
    BAD_UNSHARED,
    BORDERS,
    TOO_SMALL,
    borders,
)
from ptembed.ops.convolution_tiles import (
    AFTER,
    CHANNELS,
    DILATION,
    FLIP,
    GROUPS,
    IMAGE,
    KERNEL,
    KERNELS,
    LOW,
    NUMBERS,
    PLACES,
    SIZES,
    STRIDE,
    B,
    address,
    signature,
)

__all__ = ["convolution", "inputs", "weights"]

HALF, FULL = BORDERS["half"], BORDERS["full"]


def sizes_of(op):
    """The sizes that the Op has; a length of 1 for a dimension that is missing, borders as they are named."""
    g, n = np.ones(NUMBERS, np.int64), op.convdim
    g[GROUPS], g[FLIP] = op.num_groups, op.filter_flip
    g[LOW : LOW + 3] = g[AFTER : AFTER + 3] = 0
    before, after = zip(*borders(op.border_mode, n), strict=True)
    for at, numbers in ((LOW, before), (AFTER, after), (STRIDE, op.subsample), (DILATION, op.filter_dilation)):
        g[at + 3 - n : at + 3] = numbers
    return g


@njit
def put(g, at, lengths, first, n):
    """Write ``n`` lengths, from the ``first`` on, as the last of three."""
    for i in range(n):
        g[at + 3 - n + i] = lengths[first + i]


@njit
def zeros(border, spanned):
    """As :func:`ptembed.ops.convolution_geometry.zeros_around`."""
    return spanned // 2 if border == HALF else spanned - 1 if border == FULL else border


@njit
def fit(g, images, channels, kernel_channels, kernels):
    """Write the other sizes: of the batch, and, once it is sure that they fit, of the places."""
    if channels != kernel_channels * g[GROUPS]:
        raise ValueError(BAD_CHANNELS)
    if kernels % g[GROUPS] != 0:
        raise ValueError(BAD_GROUPS)
    g[B], g[CHANNELS], g[KERNELS] = images, kernel_channels, kernels // g[GROUPS]
    for i in range(3):
        image, kernel = g[IMAGE + i], g[KERNEL + i]
        spanned = (kernel - 1) * g[DILATION + i] + 1
        g[LOW + i] = zeros(g[LOW + i], spanned)
        rest = image + g[LOW + i] + zeros(g[AFTER + i], spanned) - spanned
        if rest < 0 or kernel < 1 or image < 1:
            raise ValueError(TOO_SMALL)
        g[PLACES + i] = rest // g[STRIDE + i] + 1


@njit
def check_places(g, lengths, first, n, message):
    """Check the lengths of places that were given."""
    for i in range(n):
        if lengths[first + i] != g[PLACES + 3 - n + i]:
            raise ValueError(message)


@njit
def check_gradient(g, shape, n):
    """Check the shape of a gradient by the result."""
    if shape[0] != g[B] or shape[1] != g[KERNELS] * g[GROUPS]:
        raise ValueError(BAD_PLACES)
    check_places(g, shape, 2, n, BAD_PLACES)


def shape_of(n, at):
    """Make the function that gives a shape: two lengths, then ``n`` of the three sizes at ``at``."""
    if n == 1:
        return njit(lambda a, b, g: (a, b, g[at + 2]))
    if n == 2:
        return njit(lambda a, b, g: (a, b, g[at + 1], g[at + 2]))
    return njit(lambda a, b, g: (a, b, g[at], g[at + 1], g[at + 2]))


def unshared_shape(n):
    """Make the function that gives the shape of unshared kernels."""
    P, K = PLACES, KERNEL
    if n == 1:
        return njit(lambda a, b, g: (a, g[P + 2], b, g[K + 2]))
    if n == 2:
        return njit(lambda a, b, g: (a, g[P + 1], g[P + 2], b, g[K + 1], g[K + 2]))
    return njit(lambda a, b, g: (a, g[P], g[P + 1], g[P + 2], b, g[K], g[K + 1], g[K + 2]))


def converted(dtype, wanted):
    """Make the function that gives an array of ``dtype`` contiguous and of the dtype that is wanted."""
    if dtype == wanted:
        return njit(lambda x: np.ascontiguousarray(x))
    return njit(lambda x: np.ascontiguousarray(x).astype(wanted))


def computed(kind, op, node):
    """Make the function that writes to a new array of ``shape`` what the function at the address computes.

    It computes with floats or complex numbers, whatever the dtypes.
    """
    a, b, c = (np.dtype(v.type.dtype) for v in (*node.inputs[:2], node.outputs[0]))
    working = np.result_type(a, b)
    working = working if working.kind in "fc" else np.dtype("float64")
    first_of, second_of, result_of = converted(a, working), converted(b, working), converted(working, c)
    unshared, dtype = op.unshared, working.name
    name, function_type = f"ptembed.convolution.{kind}.{unshared}.{dtype}", types.FunctionType(signature(dtype))

    @njit
    def find():
        with objmode(found=types.intp):
            found = address(kind, unshared, dtype)
        return found

    @njit
    def compute(g, first, second, shape):
        first, second, out = first_of(first), second_of(second), np.zeros(shape, working)
        g[SIZES], g[SIZES + 1], g[SIZES + 2] = first.size, second.size, out.size
        if first.size > 0 and second.size > 0 and out.size > 0:
            function = _call_cached_ptr(get_ptr_func=find, func_type_ref=function_type, unique_func_name_lit=name)
            if function(g.ctypes, first.ctypes, second.ctypes, out.ctypes) != 1:
                raise MemoryError("the patches of an image must fit into memory")
        return result_of(out)

    return compute


def convolution(op, node):
    """Make the kernel of :class:`ptembed.ops.convolution.Convolution`."""
    n, unshared, sizes, compute, result = (
        op.convdim,
        op.unshared,
        sizes_of(op),
        computed(0, op, node),
        shape_of(op.convdim, PLACES),
    )
    kernel_at = 2 + n if unshared else 2

    @njit
    def convolve(img, kern):
        g = sizes.copy()
        put(g, IMAGE, img.shape, 2, n)
        put(g, KERNEL, kern.shape, kernel_at, n)
        fit(g, img.shape[0], img.shape[1], kern.shape[kernel_at - 1], kern.shape[0])
        if unshared:
            check_places(g, kern.shape, 1, n, BAD_UNSHARED)
        return compute(g, img, kern, result(img.shape[0], kern.shape[0], g))

    return convolve


def weights(op, node):
    """Make the kernel of :class:`ptembed.ops.convolution.ConvolutionGradWeights`."""
    n, groups, sizes, compute = op.convdim, op.num_groups, sizes_of(op), computed(1, op, node)
    result = unshared_shape(n) if op.unshared else shape_of(n, KERNEL)

    @njit
    def convolution_grad_weights(img, topgrad, shape):
        g = sizes.copy()
        put(g, IMAGE, img.shape, 2, n)
        put(g, KERNEL, shape, 0, n)
        fit(g, img.shape[0], img.shape[1], img.shape[1] // groups, topgrad.shape[1])
        check_gradient(g, topgrad.shape, n)
        return compute(g, img, topgrad, result(topgrad.shape[1], g[CHANNELS], g))

    return convolution_grad_weights


def inputs(op, node):
    """Make the kernel of :class:`ptembed.ops.convolution.ConvolutionGradInputs`."""
    n, groups, unshared, sizes, compute, result = (
        op.convdim,
        op.num_groups,
        op.unshared,
        sizes_of(op),
        computed(2, op, node),
        shape_of(op.convdim, IMAGE),
    )
    kernel_at = 2 + n if unshared else 2

    @njit
    def convolution_grad_inputs(kern, topgrad, shape):
        g = sizes.copy()
        put(g, IMAGE, shape, 0, n)
        put(g, KERNEL, kern.shape, kernel_at, n)
        channels = kern.shape[kernel_at - 1]
        fit(g, topgrad.shape[0], channels * groups, channels, kern.shape[0])
        if unshared:
            check_places(g, kern.shape, 1, n, BAD_UNSHARED)
        check_gradient(g, topgrad.shape, n)
        return compute(g, kern, topgrad, result(topgrad.shape[0], channels * groups, g))

    return convolution_grad_inputs
