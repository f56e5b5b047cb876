"""The three products of a convolution, tile by tile, compiled by Numba: patches in a small buffer, products by BLAS.

A tile is what one product takes: some lines of the places of one image, or all places of some small images. Its patches
fill a buffer of ``TILE`` numbers, or of ``WIDE`` columns where that is more, so they are still in the cache when BLAS
reads them. Where an image is one tile, its product is written where it belongs.

All arrays are flat. ``g`` holds the sizes, named below; images of fewer than three dimensions have a depth of 1.

OpenBLAS multiplies small matrices without packing them first, twice as fast, so somewhat larger products are divided.

A function compiled by Numba holds a copy of all that it calls, and is optimised as a whole. So that a graph's function
does not hold these, it calls them by their address (:func:`address`), and they are compiled once for each dtype, and
kept on disk.
"""

import inspect
import sys
from functools import cache
from hashlib import sha256

import numpy as np
from numba import carray, cfunc, from_dtype, njit, types
from pytensor import config
from pytensor.link.numba.cache import CACHED_SRC_FUNCTIONS

__all__ = ["NUMBERS", "address", "signature"]

NUMBERS = 29
B, GROUPS, CHANNELS, KERNELS = range(4)  # channels and kernels of one group
IMAGE, KERNEL, PLACES, LOW, STRIDE, DILATION = range(4, 22, 3)  # three each; LOW: zeros before the image
SIZES, AFTER, FLIP = 22, 25, 28  # the sizes of the three arrays; zeros after the image; whether kernels are turned

U = np.uint64
TILE = 1 << 17
WIDE, NARROW = 256, 64
UNPACKED = 1_000_000


@njit
def arrays(sizes, first, second, last):
    """Give the sizes and the three arrays at these addresses."""
    g = carray(sizes, (NUMBERS,))
    return g, carray(first, (g[SIZES],)), carray(second, (g[SIZES + 1],)), carray(last, (g[SIZES + 2],))


@njit
def volume(g, first):
    """Multiply the three lengths from ``first`` on."""
    return g[first] * g[first + 1] * g[first + 2]


@njit
def part(flat, i, rows, columns):
    """Give matrix number ``i`` of those of this shape that ``flat`` holds."""
    return flat[i * rows * columns : (i + 1) * rows * columns].reshape((rows, columns))


@njit
def applied(g, kernels):
    """Give the kernels as they are applied: turned around, each of their matrices of one channel, or as they are."""
    if not g[FLIP]:
        return kernels
    turned, entries = np.empty_like(kernels), volume(g, KERNEL)
    for start in range(0, len(kernels), entries):
        for i in range(entries):
            turned[start + i] = kernels[start + entries - 1 - i]
    return turned


@njit
def transposed(flat, count, rows, columns):
    """Give ``count`` matrices of this shape transposed."""
    out = np.empty_like(flat)
    for m in range(0, count * rows * columns, rows * columns):
        for r in range(rows):
            for c in range(columns):
                out[m + c * rows + r] = flat[m + r * columns + c]
    return out


@njit
def product(X, Y, out):
    """Multiply two matrices, in up to four parts where each is then small enough for BLAS not to pack it."""
    parts = -(-X.shape[0] * X.shape[1] * Y.shape[1] // UNPACKED)
    rows = -(-X.shape[0] // parts) if 1 < parts <= 4 else X.shape[0]
    for i in range(0, X.shape[0], rows):
        np.dot(X[i : i + rows], Y, out[i : i + rows])


@njit
def tile(g, K, columns):
    """Choose how many images, and how many lines of each, are taken together, for about so many columns."""
    lines, width = g[PLACES] * g[PLACES + 1], g[PLACES + 2]
    most = max(WIDE, TILE // K)
    if lines * width > most:
        return 1, max(1, most // width)
    return max(1, min(g[B], columns // (lines * width))), lines


@njit
def reach(g, axis, entry):
    """Where an entry of a kernel lies at the first place, and which places find it in the image, along one axis."""
    shift, stride = entry * g[DILATION + axis] - g[LOW + axis], g[STRIDE + axis]
    n, places = g[IMAGE + axis], g[PLACES + axis]
    first, last = -shift, n - shift
    if stride > 1:  # a division takes long
        first, last = -(shift // stride), -((shift - n) // stride)
    first = min(max(first, 0), places)
    return shift, first, max(first, min(last, places))


@njit
def fill_patches(g, image, patches, pitch, column, first_line, last_line):
    """Write the patches of some lines of one image's places to the matrix ``patches``, from ``column`` on.

    Its rows are ``pitch`` numbers long.
    """
    row, width, high = 0, g[PLACES + 2], g[PLACES + 1]
    first_slice, last_slice = first_line // high, -(-last_line // high)
    for c in range(g[CHANNELS]):
        for z in range(g[KERNEL]):
            for y in range(g[KERNEL + 1]):
                for x in range(g[KERNEL + 2]):
                    _, inside, outside = reach(g, 2, x)
                    at = row * pitch + column
                    row += 1
                    for oz in range(first_slice, last_slice):
                        low, lines = max(0, first_line - oz * high), min(high, last_line - oz * high)
                        source, first, last = found(g, c, z, y, x, oz, low, lines)
                        clear_lines(patches, at, width, first - low, 0, width)
                        at += (first - low) * width
                        clear_lines(patches, at, width, last - first, 0, inside)
                        copy_lines(image, source, g, patches, at + inside, last - first, outside - inside)
                        clear_lines(patches, at, width, last - first, outside, width)
                        at += (last - first) * width
                        clear_lines(patches, at, width, lines - last, 0, width)
                        at += (lines - last) * width


@njit
def add_patches(g, patches, pitch, column, image, first_line, last_line):
    """Add what :func:`fill_patches` would have read to where it reads it."""
    row, width, high = 0, g[PLACES + 2], g[PLACES + 1]
    first_slice, last_slice = first_line // high, -(-last_line // high)
    for c in range(g[CHANNELS]):
        for z in range(g[KERNEL]):
            for y in range(g[KERNEL + 1]):
                for x in range(g[KERNEL + 2]):
                    _, inside, outside = reach(g, 2, x)
                    at = row * pitch + column
                    row += 1
                    for oz in range(first_slice, last_slice):
                        low, lines = max(0, first_line - oz * high), min(high, last_line - oz * high)
                        source, first, last = found(g, c, z, y, x, oz, low, lines)
                        begin = at + (first - low) * width + inside
                        add_lines(patches, begin, g, image, source, last - first, outside - inside)
                        at += (lines - low) * width


@njit
def found(g, c, z, y, x, oz, low, lines):
    """Where lines ``low`` to ``lines`` of a slice of the places find an entry of a kernel in the image.

    Gives the position of the first pixel, and which lines find one.
    """
    dz, first_z, last_z = reach(g, 0, z)
    dy, first, last = reach(g, 1, y)
    dx, inside, outside = reach(g, 2, x)
    first = min(max(first, low), lines)
    last = max(min(last, lines), first)
    if oz < first_z or oz >= last_z or inside == outside:
        return 0, lines, lines
    iz, iy = oz * g[STRIDE] + dz, first * g[STRIDE + 1] + dy
    return ((c * g[IMAGE] + iz) * g[IMAGE + 1] + iy) * g[IMAGE + 2] + inside * g[STRIDE + 2] + dx, first, last


@njit
def copy_lines(image, source, g, patches, at, lines, n):
    """Copy ``n`` pixels of each of some lines; unsigned numbers, which cannot count from the end, are faster."""
    step, every, pitch = U(g[STRIDE + 1] * g[IMAGE + 2]), U(g[STRIDE + 2]), U(g[PLACES + 2])
    source, at, n = U(source), U(at), U(n)
    for _ in range(lines):
        if every == 1:
            for i in range(n):
                patches[at + i] = image[source + i]
        else:
            for i in range(n):
                patches[at + i] = image[source + i * every]
        source, at = source + step, at + pitch


@njit
def add_lines(patches, at, g, image, source, lines, n):
    """Add ``n`` numbers of each of some lines to their pixels."""
    step, every, pitch = U(g[STRIDE + 1] * g[IMAGE + 2]), U(g[STRIDE + 2]), U(g[PLACES + 2])
    source, at, n = U(source), U(at), U(n)
    for _ in range(lines):
        if every == 1:
            for i in range(n):
                image[source + i] += patches[at + i]
        else:
            for i in range(n):
                image[source + i * every] += patches[at + i]
        source, at = source + step, at + pitch


@njit
def clear_lines(patches, at, pitch, lines, first, last):
    """Write zeros into columns ``first`` to ``last`` of some lines."""
    for line in range(lines):
        for i in range(U(at + line * pitch + first), U(at + line * pitch + last)):
            patches[i] = 0


@njit
def copy_every(source, target):
    for i in range(len(target)):
        target[i] = source[i]


@njit
def add_every(source, target):
    for i in range(len(source)):
        target[i] += source[i]


@njit
def copy_columns(source, source_at, target, target_at, n):
    """Copy ``n`` columns of a matrix to another of as many rows."""
    for r in range(len(source)):
        copy_every(source[r, source_at:], target[r, target_at : target_at + n])


def convolve(sizes, first, second, last):
    """Write (B, groups, F, places), from images (B, groups, C, *image) and kernels (groups, F, K)."""
    g, images, kernels, out = arrays(sizes, first, second, last)
    kernels = applied(g, kernels)
    C, F, lines, width = g[CHANNELS], g[KERNELS], g[PLACES] * g[PLACES + 1], g[PLACES + 2]
    K, pixels, places = C * volume(g, KERNEL), C * volume(g, IMAGE), lines * width
    some, step = tile(g, K, NARROW)
    buffer, results = np.empty(K * some * step * width, out.dtype), np.empty(F * some * step * width, out.dtype)
    for b in range(0, g[B], some):
        count = min(some, g[B] - b)
        for line in range(0, lines, step):
            after = min(lines, line + step)
            n = (after - line) * width
            patches, result = part(buffer, 0, K, count * n), part(results, 0, F, count * n)
            for group in range(g[GROUPS]):
                for i in range(count):
                    at = ((b + i) * g[GROUPS] + group) * pixels
                    fill_patches(g, images[at : at + pixels], buffer, count * n, i * n, line, after)
                whole = count == 1 and n == places
                target = part(out, b * g[GROUPS] + group, F, places)
                product(part(kernels, group, F, K), patches, target if whole else result)
                for i in range(0 if whole else count):
                    copy_columns(result, i * n, part(out, (b + i) * g[GROUPS] + group, F, places), line * width, n)
    return 1


def add_to_weights(sizes, first, second, last):
    """Add to (groups, F, K), from images (B, groups, C, *image) and gradients (B, groups, F, places)."""
    g, images, top, out = arrays(sizes, first, second, last)
    C, F, lines, width = g[CHANNELS], g[KERNELS], g[PLACES] * g[PLACES + 1], g[PLACES + 2]
    K, pixels, places = C * volume(g, KERNEL), C * volume(g, IMAGE), lines * width
    some, step = tile(g, K, WIDE)
    buffer, tops = np.empty(K * some * step * width, out.dtype), np.empty(F * some * step * width, out.dtype)
    sums = np.empty((F, K), out.dtype)
    for b in range(0, g[B], some):
        count = min(some, g[B] - b)
        for line in range(0, lines, step):
            after = min(lines, line + step)
            n = (after - line) * width
            patches, gathered = part(buffer, 0, K, count * n), part(tops, 0, F, count * n)
            for group in range(g[GROUPS]):
                for i in range(count):
                    at = ((b + i) * g[GROUPS] + group) * pixels
                    fill_patches(g, images[at : at + pixels], buffer, count * n, i * n, line, after)
                    copy_columns(part(top, (b + i) * g[GROUPS] + group, F, places), line * width, gathered, i * n, n)
                np.dot(gathered, patches.T, sums)
                add_every(sums.reshape(-1), out[group * F * K :])
    out[:] = applied(g, out)
    return 1


def add_to_images(sizes, first, second, last):
    """Add to (B, groups, C, *image), from kernels (groups, F, K) and gradients (B, groups, F, places)."""
    g, kernels, top, out = arrays(sizes, first, second, last)
    C, F, lines, width = g[CHANNELS], g[KERNELS], g[PLACES] * g[PLACES + 1], g[PLACES + 2]
    K, pixels, places = C * volume(g, KERNEL), C * volume(g, IMAGE), lines * width
    kernels = transposed(applied(g, kernels), g[GROUPS], F, K)
    some, step = tile(g, K, NARROW)
    buffer, tops = np.empty(K * some * step * width, out.dtype), np.empty(F * some * step * width, out.dtype)
    for b in range(0, g[B], some):
        count = min(some, g[B] - b)
        for line in range(0, lines, step):
            after = min(lines, line + step)
            n = (after - line) * width
            patches, gathered = part(buffer, 0, K, count * n), part(tops, 0, F, count * n)
            for group in range(g[GROUPS]):
                for i in range(count):
                    copy_columns(part(top, (b + i) * g[GROUPS] + group, F, places), line * width, gathered, i * n, n)
                product(part(kernels, group, K, F), gathered, patches)
                for i in range(count):
                    at = ((b + i) * g[GROUPS] + group) * pixels
                    add_patches(g, buffer, count * n, i * n, out[at : at + pixels], line, after)
    return 1


def convolve_unshared(sizes, first, second, last):
    """As :func:`convolve`, with kernels (groups, F, places, K)."""
    g, images, kernels, out = arrays(sizes, first, second, last)
    K, pixels, places = g[CHANNELS] * volume(g, KERNEL), g[CHANNELS] * volume(g, IMAGE), volume(g, PLACES)
    kernels = transposed(applied(g, kernels), g[GROUPS] * g[KERNELS], places, K)
    buffer = np.empty(K * places, out.dtype)
    patches = part(buffer, 0, K, places)
    for b in range(g[B] * g[GROUPS]):
        fill_patches(g, images[b * pixels : (b + 1) * pixels], buffer, places, 0, 0, g[PLACES] * g[PLACES + 1])
        for f in range(g[KERNELS]):
            weights = part(kernels, b % g[GROUPS] * g[KERNELS] + f, K, places)
            for k in range(K):
                add_products(weights[k], patches[k], out[(b * g[KERNELS] + f) * places :])
    return 1


def add_to_unshared_weights(sizes, first, second, last):
    """As :func:`add_to_weights`, to kernels (groups, F, places, K)."""
    g, images, top, out = arrays(sizes, first, second, last)
    K, pixels, places = g[CHANNELS] * volume(g, KERNEL), g[CHANNELS] * volume(g, IMAGE), volume(g, PLACES)
    sums = np.zeros_like(out)
    buffer = np.empty(K * places, out.dtype)
    patches = part(buffer, 0, K, places)
    for b in range(g[B] * g[GROUPS]):
        fill_patches(g, images[b * pixels : (b + 1) * pixels], buffer, places, 0, 0, g[PLACES] * g[PLACES + 1])
        for f in range(g[KERNELS]):
            gradient = top[(b * g[KERNELS] + f) * places : (b * g[KERNELS] + f + 1) * places]
            weights = part(sums, b % g[GROUPS] * g[KERNELS] + f, K, places)
            for k in range(K):
                add_products(gradient, patches[k], weights[k])
    out[:] = applied(g, transposed(sums, g[GROUPS] * g[KERNELS], K, places))
    return 1


def add_to_images_unshared(sizes, first, second, last):
    """As :func:`add_to_images`, with kernels (groups, F, places, K)."""
    g, kernels, top, out = arrays(sizes, first, second, last)
    K, pixels, places = g[CHANNELS] * volume(g, KERNEL), g[CHANNELS] * volume(g, IMAGE), volume(g, PLACES)
    kernels = transposed(applied(g, kernels), g[GROUPS] * g[KERNELS], places, K)
    buffer = np.empty(K * places, out.dtype)
    patches = part(buffer, 0, K, places)
    for b in range(g[B] * g[GROUPS]):
        buffer[:] = 0
        for f in range(g[KERNELS]):
            gradient = top[(b * g[KERNELS] + f) * places : (b * g[KERNELS] + f + 1) * places]
            weights = part(kernels, b % g[GROUPS] * g[KERNELS] + f, K, places)
            for k in range(K):
                add_products(gradient, weights[k], patches[k])
        add_patches(g, buffer, places, 0, out[b * pixels : (b + 1) * pixels], 0, g[PLACES] * g[PLACES + 1])
    return 1


@njit
def add_products(x, y, out):
    for i in range(len(x)):
        out[i] += x[i] * y[i]


KEPT: list = []  # what is at the addresses
PRODUCTS = {
    False: (convolve, add_to_weights, add_to_images),
    True: (convolve_unshared, add_to_unshared_weights, add_to_images_unshared),
}


@cache
def signature(dtype):
    """The type of the six: addresses of int64 and of three arrays of ``dtype``; they give 1 where all went well."""
    number = types.CPointer(from_dtype(np.dtype(dtype)))
    return types.int64(types.CPointer(types.int64), number, number, number)


@cache
def address(kind, unshared, dtype):
    """Give the address of the function for convolutions (kind 0), gradients by kernels (1) or by images (2)."""
    function = PRODUCTS[unshared][kind]
    source = function.__name__ + inspect.getsource(sys.modules[__name__])
    CACHED_SRC_FUNCTIONS[function] = sha256(source.encode()).hexdigest()  # to PyTensor's cache on disk
    made = cfunc(signature(dtype), cache=config.numba__cache)(function)
    KEPT.append(made)
    return made.address
