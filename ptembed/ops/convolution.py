r"""Convolution of images with kernels in two or three dimensions, and its two gradients, as Ops.

With the patches of an image as the columns of a matrix :math:`P` (``K`` = channels times entries of a kernel rows, one
column for each place of the result), the three are products of matrices:

.. math::
    Y = W P, \qquad \bar W = \bar Y P^T, \qquad \bar P = W^T \bar Y

where :math:`\bar P` is summed into the image. Each is linear in both of its inputs, and the gradients of any of the
three are the other two, so they can be differentiated again and again.

The patches are never held for all images: at most for one, or for a few small ones, at a time.

Layouts, with ``B`` images, ``C`` channels, ``F`` kernels and ``g`` groups: images ``(B, C, *image)``, kernels
``(F, C / g, *kernel)``, results ``(B, F, *places)``; unshared kernels, which differ from place to place,
``(F, *places, C / g, *kernel)``.

``perform`` takes image by image in NumPy.

Read next: :mod:`ptembed.ops.convolution_tiles`.
"""

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import disconnected_type
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op

from ptembed import _pytensor
from ptembed.ops import convolution_kernels
from ptembed.ops.convolution_geometry import (
    BAD_CHANNELS,
    BAD_GROUPS,
    BAD_PLACES,
    BAD_UNSHARED,
    TOO_SMALL,
    borders,
    normal_border,
    output_length,
    span,
    zeros_around,
)

__all__ = ["Convolution", "ConvolutionGradInputs", "ConvolutionGradWeights", "ConvolutionOp"]


class ConvolutionOp(Op):
    """What the convolution and its gradients share.

    Parameters
    ----------
    convdim : int
        1, 2 or 3.
    border_mode : {"valid", "half", "full"}, int, or tuple of int or pairs of int
        Zeros around the images.
    subsample, filter_dilation : tuple of int, optional
        One positive number for each dimension: how far apart two places are, and two entries of a kernel.
    num_groups : int, optional
        Into how many groups the channels and the kernels are divided.
    unshared : bool, optional
        Whether each place has kernels of its own.
    filter_flip : bool, optional
        Whether the kernels are turned around, as a convolution has it; a correlation does not.

    Raises
    ------
    ValueError
        For a border, a stride or a number of groups that cannot be.
    TypeError
        For strides or dilations that are no integers.
    """

    __props__ = ("convdim", "border_mode", "subsample", "filter_dilation", "num_groups", "unshared", "filter_flip")

    def __init__(
        self,
        convdim=2,
        border_mode="valid",
        subsample=None,
        filter_dilation=None,
        num_groups=1,
        unshared=False,
        filter_flip=False,
    ):
        self.convdim = convdim
        self.border_mode = normal_border(border_mode, convdim)
        self.subsample = _positive("subsample", subsample, convdim)
        self.filter_dilation = _positive("filter_dilation", filter_dilation, convdim)
        if num_groups < 1:
            raise ValueError(f"num_groups must be 1 or more, got {num_groups}")
        self.num_groups, self.unshared, self.filter_flip = int(num_groups), bool(unshared), bool(filter_flip)

    def sibling(self, kind):
        """The Op of the same options for another of the three products: 0 the convolution, 1 and 2 its gradients."""
        classes = (Convolution, ConvolutionGradWeights, ConvolutionGradInputs)
        return classes[kind](**{name: getattr(self, name) for name in ConvolutionOp.__props__})

    def lengths(self, image, kernel):
        """The lengths of the places, from those of an image and of a kernel."""
        pairs = borders(self.border_mode, self.convdim)
        return tuple(map(output_length, image, kernel, pairs, self.subsample, self.filter_dilation))

    def kernel_ndim(self):
        """How many dimensions the kernels have."""
        return 2 + self.convdim * (2 if self.unshared else 1)

    def _inputs(self, a, b, a_name, b_name, a_ndim, b_ndim):
        a, b = pt.as_tensor(a), pt.as_tensor(b)
        for name, v, ndim in ((a_name, a, a_ndim), (b_name, b, b_ndim)):
            if v.type.ndim != ndim:
                raise TypeError(f"{name} must be {ndim}D tensor, got {v.type.ndim} dimensions")
        return a, b

    def _output(self, like, *ones):
        shape = [1 if one else None for one in ones]
        return pt.tensor(dtype=like.type.dtype, shape=[*shape, *[None] * self.convdim])

    def _grouped(self, images):
        """Images with an axis for the groups: (B, g, C / g, *image)."""
        B, C = images.shape[:2]
        return images.reshape(B, self.num_groups, C // self.num_groups, *images.shape[2:])

    def _flat(self, kernels):
        """Kernels as they are applied, as matrices: (g, F / g, K), or (g, F / g, places, K) where they are unshared."""
        first, g = 1 + (self.convdim if self.unshared else 0), self.num_groups
        places = [int(np.prod(kernels.shape[1:first]))] if self.unshared else []
        return self._turned(kernels).reshape(g, len(kernels) // g, *places, int(np.prod(kernels.shape[first:])))

    def _turned(self, kernels):
        return kernels[(..., *[slice(None, None, -1)] * self.convdim)] if self.filter_flip else kernels

    def _check(self, image, kernel, F, C):
        """Give the lengths of the places, once it is sure that the shapes fit."""
        if kernel[-self.convdim - 1] * self.num_groups != C:
            raise ValueError(f"{BAD_CHANNELS}, got {C}, {kernel[-self.convdim - 1]} and {self.num_groups}")
        if F % self.num_groups:
            raise ValueError(f"{BAD_GROUPS}, got {self.num_groups} for {F} kernels")
        lengths = self.lengths(image, kernel[-self.convdim :])
        if min(lengths) <= 0 or min(kernel[-self.convdim :]) <= 0:
            raise ValueError(f"{TOO_SMALL}, got images of {tuple(image)}, kernels of {tuple(kernel[-self.convdim :])}")
        if self.unshared and kernel[1 : -1 - self.convdim] != lengths:
            raise ValueError(f"{BAD_UNSHARED}, got {tuple(kernel)} for {lengths}")
        return lengths

    def _check_gradient(self, gradient, B, F, lengths):
        if gradient.shape != (B, F, *lengths):
            raise ValueError(f"{BAD_PLACES}, got {gradient.shape} instead of {(B, F, *lengths)}")

    def _padded(self, image, kernel):
        """The image's shape with its borders, and where in it the image lies; both without the channels."""
        spans = list(map(span, kernel, self.filter_dilation))
        pairs = borders(self.border_mode, self.convdim)
        zeros = [[zeros_around(b, s) for b in pair] for pair, s in zip(pairs, spans, strict=True)]
        inside = tuple(slice(before, before + n) for (before, _), n in zip(zeros, image, strict=True))
        return [n + sum(z) for n, z in zip(image, zeros, strict=True)], inside

    def _windows(self, padded, kernel, lengths):
        """A view of (C, *padded) as (C, *kernel, *places)."""
        inner = padded.strides[1:]
        along = [s * n for s, n in zip(inner, self.filter_dilation, strict=True)]
        across = [s * n for s, n in zip(inner, self.subsample, strict=True)]
        shape, strides = (len(padded), *kernel, *lengths), (padded.strides[0], *along, *across)
        return np.lib.stride_tricks.as_strided(padded, shape, strides)

    def _patches(self, images, kernel, lengths):
        """For each image (g, C, *image) its number and the patches, (g, K, places)."""
        shape, inside = self._padded(images.shape[3:], kernel)
        padded = np.zeros((*images.shape[1:3], *shape), images.dtype)
        places = int(np.prod(lengths))
        for b, image in enumerate(images):
            padded[(..., *inside)] = image
            yield b, np.stack([self._windows(group, kernel, lengths).reshape(-1, places) for group in padded])


class Convolution(ConvolutionOp):
    """Images met by kernels: called with ``images`` and ``kernels``."""

    def make_node(self, img, kern):
        """Check the inputs.

        Raises
        ------
        TypeError
            For wrong numbers of dimensions.
        ValueError
            For channels that do not fit, where they are known.
        """
        img, kern = self._inputs(img, kern, "img", "kern", 2 + self.convdim, self.kernel_ndim())
        C, D = img.type.shape[1], kern.type.shape[-self.convdim - 1]
        if C is not None and D is not None and D * self.num_groups != C:
            raise ValueError(f"{BAD_CHANNELS}, got {C}, {D} and {self.num_groups}")
        return Apply(self, [img, kern], [self._output(img, img.type.broadcastable[0], kern.type.broadcastable[0])])

    def perform(self, node, inputs, output_storage):
        images, kernels = inputs
        kernel, F = kernels.shape[-self.convdim :], len(kernels)
        lengths = self._check(images.shape[2:], kernels.shape, F, images.shape[1])
        flat, out = self._flat(kernels), np.empty((len(images), F, *lengths), node.outputs[0].type.dtype)
        for b, patches in self._patches(self._grouped(images), kernel, lengths):
            product = np.einsum("gfpk,gkp->gfp", flat, patches) if self.unshared else flat @ patches
            out[b] = product.reshape(out.shape[1:])
        output_storage[0][0] = out

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        image, kernel = shapes
        return [(image[0], kernel[0], *self.lengths(image[2:], kernel[-self.convdim :]))]

    def pullback(self, inputs, outputs, cotangents):
        img, kern = inputs
        n = self.convdim
        d_img = self.sibling(2)(kern, cotangents[0], img.shape[-n:])
        d_kern = self.sibling(1)(img, cotangents[0], kern.shape[-n:])
        return [_of_type(d_img, img), _of_type(d_kern, kern)]

    def pushforward(self, inputs, outputs, tangents):
        return _pushed(self, inputs, tangents)


class ConvolutionGradWeights(ConvolutionOp):
    """The gradient by the kernels: called with ``images``, the result's gradient and the kernels' lengths."""

    def make_node(self, img, topgrad, shape):
        """Check the inputs: ``shape`` has one integer for each dimension of a kernel.

        Raises
        ------
        TypeError
            For wrong numbers of dimensions.
        """
        img, topgrad = self._inputs(img, topgrad, "img", "topgrad", 2 + self.convdim, 2 + self.convdim)
        one_channel = img.type.broadcastable[1] and self.num_groups == 1
        places = [False] * self.convdim if self.unshared else []
        out = self._output(img, topgrad.type.broadcastable[1], *places, one_channel)
        return Apply(self, [img, topgrad, _lengths(shape, self.convdim)], [out])

    def perform(self, node, inputs, output_storage):
        images, top, kernel = inputs[0], inputs[1], tuple(map(int, inputs[2]))
        g, (B, C), F = self.num_groups, images.shape[:2], top.shape[1]
        shape = (F, *(top.shape[2:] if self.unshared else ()), C // g, *kernel)
        if C % g:
            raise ValueError(f"{BAD_GROUPS}, got {g} for {C} channels")
        lengths = self._check(images.shape[2:], shape, F, C)
        self._check_gradient(top, B, F, lengths)
        top = top.reshape(B, g, F // g, int(np.prod(lengths)))
        out = np.zeros(self._flat(np.empty(shape, top.dtype)).shape, np.result_type(images, top))
        for b, patches in self._patches(self._grouped(images), kernel, lengths):
            across = patches.transpose(0, 2, 1)
            out += top[b, ..., None] * across[:, None] if self.unshared else top[b] @ across
        output_storage[0][0] = np.ascontiguousarray(self._turned(out.reshape(shape)), node.outputs[0].type.dtype)

    def connection_pattern(self, node):
        return [[True], [True], [False]]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        image, top = shapes[:2]
        places = top[2:] if self.unshared else ()
        channels = image[1] if self.num_groups == 1 else image[1] // self.num_groups
        return [(top[1], *places, channels, *_each(node.inputs[2], self.convdim))]

    def pullback(self, inputs, outputs, cotangents):
        img, top, _ = inputs
        d_img = self.sibling(2)(cotangents[0], top, img.shape[-self.convdim :])
        d_top = self.sibling(0)(img, cotangents[0])
        return [_of_type(d_img, img), _of_type(d_top, top), disconnected_type()]

    def pushforward(self, inputs, outputs, tangents):
        return _pushed(self, inputs, tangents)


class ConvolutionGradInputs(ConvolutionOp):
    """The gradient by the images: called with the kernels, the result's gradient and the images' lengths."""

    def make_node(self, kern, topgrad, shape):
        """Check the inputs: ``shape`` has one integer for each dimension of an image.

        Raises
        ------
        TypeError
            For wrong numbers of dimensions.
        """
        kern, topgrad = self._inputs(kern, topgrad, "kern", "topgrad", self.kernel_ndim(), 2 + self.convdim)
        one_channel = kern.type.broadcastable[-self.convdim - 1] and self.num_groups == 1
        out = self._output(kern, topgrad.type.broadcastable[0], one_channel)
        return Apply(self, [kern, topgrad, _lengths(shape, self.convdim)], [out])

    def perform(self, node, inputs, output_storage):
        kernels, top, image = inputs[0], inputs[1], tuple(map(int, inputs[2]))
        g, kernel, (B, F) = self.num_groups, kernels.shape[-self.convdim :], top.shape[:2]
        C = kernels.shape[-self.convdim - 1] * g
        lengths = self._check(image, kernels.shape, len(kernels), C)
        self._check_gradient(top, B, len(kernels), lengths)
        top = top.reshape(B, g, F // g, int(np.prod(lengths)))
        flat = self._flat(kernels)
        shape, inside = self._padded(image, kernel)
        out = np.zeros((B, C, *image), node.outputs[0].type.dtype)
        for b in range(B):
            padded = np.zeros((C, *shape), np.result_type(kernels, top))
            windows = self._windows(padded, kernel, lengths)
            patches = np.einsum("gfpk,gfp->gkp", flat, top[b]) if self.unshared else flat.transpose(0, 2, 1) @ top[b]
            patches = patches.reshape(windows.shape)
            for entry in np.ndindex(*kernel):
                windows[(slice(None), *entry)] += patches[(slice(None), *entry)]
            out[b] = padded[(..., *inside)]
        output_storage[0][0] = out

    def connection_pattern(self, node):
        return [[True], [True], [False]]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        kernel, top = shapes[:2]
        channels = kernel[-self.convdim - 1]
        channels = channels if self.num_groups == 1 else channels * self.num_groups
        return [(top[0], channels, *_each(node.inputs[2], self.convdim))]

    def pullback(self, inputs, outputs, cotangents):
        kern, top, _ = inputs
        d_kern = self.sibling(1)(cotangents[0], top, kern.shape[-self.convdim :])
        d_top = self.sibling(0)(cotangents[0], kern)
        return [_of_type(d_kern, kern), _of_type(d_top, top), disconnected_type()]

    def pushforward(self, inputs, outputs, tangents):
        return _pushed(self, inputs, tangents)


def _positive(name, numbers, convdim):
    numbers = (1,) * convdim if numbers is None else tuple(numbers)
    if len(numbers) != convdim:
        raise ValueError(f"{name} must have {convdim} elements, got {len(numbers)}")
    if any(isinstance(n, Variable) or int(n) != n for n in numbers):
        raise TypeError(f"{name} must have integers, got {numbers}: give numbers, as shapes follow from them")
    if min(numbers) < 1:
        raise ValueError(f"{name} must have positive elements, got {numbers}")
    return tuple(map(int, numbers))


def _lengths(shape, convdim):
    shape = pt.as_tensor(shape)
    if shape.type.ndim != 1 or shape.type.dtype not in pt.type.integer_dtypes:
        raise TypeError(f"shape must be {convdim} integers, got {shape.type}: give the length of each dimension")
    return shape


def _each(vector, n):
    return [vector[i] for i in range(n)]


def _of_type(gradient, v):
    """A gradient whose dtype and dimensions of length 1 are those of ``v``."""
    if gradient.type.dtype != v.type.dtype:
        gradient = pt.cast(gradient, v.type.dtype)
    ones = [i for i, one in enumerate(v.type.broadcastable) if one and not gradient.type.broadcastable[i]]
    return pt.specify_broadcastable(gradient, *ones) if ones else gradient


def _pushed(op, inputs, tangents):
    """The tangent of what is linear in each of its first two inputs."""
    terms = []
    for i, tangent in enumerate(tangents[:2]):
        if tangent.type != disconnected_type.type:
            terms.append(op(*inputs[:i], tangent, *inputs[i + 1 :]))
    return [sum(terms[1:], terms[0]) if terms else disconnected_type()]


for _op, _kernel in (
    (Convolution, convolution_kernels.convolution),
    (ConvolutionGradWeights, convolution_kernels.weights),
    (ConvolutionGradInputs, convolution_kernels.inputs),
):
    _pytensor.numba_kernel(_op)(_kernel)
