"""Convolutions in two and three dimensions, and their gradients.

The Ops are those of :mod:`ptembed.ops.convolution`, with the names, arguments and order of arguments of Theano, and
with shapes known beforehand (``imshp``, ``kshp``). Compiled for speed they become those of :mod:`.corr`, which compute
the same.

Read next: :mod:`.conv_functions`, the functions that programs call.
"""

from numbers import Integral

from pytensor.graph.basic import Constant, Variable

from ptembed import _pytensor
from ptembed.ops.convolution import Convolution, ConvolutionGradInputs, ConvolutionGradWeights, ConvolutionOp
from ptembed.ops.convolution_geometry import BAD_CHANNELS
from ptembed.theano.gof._protocol import TheanoOp
from ptembed.theano.tensor.nnet import corr3d  # it makes those of corr of these
from ptembed.theano.tensor.nnet.conv_functions import (
    causal_conv1d,
    conv2d,
    conv2d_grad_wrt_inputs,
    conv2d_grad_wrt_weights,
    conv3d,
    conv3d_grad_wrt_inputs,
    conv3d_grad_wrt_weights,
    separable_conv2d,
    separable_conv3d,
)
from ptembed.theano.tensor.nnet.conv_shapes import (
    assert_conv_shape,
    assert_shape,
    border_mode_to_pad,
    check_conv_gradinputs_shape,
    get_conv_gradinputs_shape,
    get_conv_gradinputs_shape_1axis,
    get_conv_gradweights_shape,
    get_conv_gradweights_shape_1axis,
    get_conv_output_shape,
    get_conv_shape_1axis,
)
from ptembed.theano.tensor.nnet.upsampling import (
    bilinear_kernel_1D,
    bilinear_kernel_2D,
    bilinear_upsampling,
    frac_bilinear_upsampling,
)

imported_scipy_signal = True


class BaseAbstractConv(TheanoOp, ConvolutionOp):
    """What the Ops share.

    Parameters
    ----------
    convdim : {2, 3}
    imshp, kshp : tuple of int, Constant or None, optional
        The shapes of the images and of the kernels, as far as they are known.
    border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
        As :class:`ptembed.ops.convolution.ConvolutionOp` has them.

    Raises
    ------
    ValueError
        For what cannot be: another number of dimensions, a shape that is not constant or of another length, kernels of
        other channels than the images, or what :class:`~ptembed.ops.convolution.ConvolutionOp` refuses.
    NotImplementedError
        For unshared kernels in three dimensions.
    """

    check_broadcast = False
    __props__ = (
        "convdim",
        "border_mode",
        "subsample",
        "filter_flip",
        "imshp",
        "kshp",
        "filter_dilation",
        "num_groups",
        "unshared",
    )

    def __init__(
        self,
        convdim,
        imshp=None,
        kshp=None,
        border_mode="valid",
        subsample=None,
        filter_flip=True,
        filter_dilation=None,
        num_groups=1,
        unshared=False,
    ):
        if convdim not in (2, 3):
            raise ValueError(f"convolution dimension {convdim} is not supported: it must be 2 or 3")
        super().__init__(convdim, border_mode, subsample, filter_dilation, num_groups, unshared, filter_flip)
        if unshared and convdim != 2:
            raise NotImplementedError(f"Unshared convolution not implemented for {convdim}D")
        self.imshp = _constants("imshp", imshp, 2 + convdim)
        self.kshp = _constants("kshp", kshp, self.kernel_ndim())
        self._check_known_channels()

    def __setstate__(self, state):
        self.__dict__.update({"num_groups": 1, "unshared": False, **state})

    def _check_known_channels(self):
        if self.imshp is None or self.kshp is None:
            return
        C, D = self.imshp[1], self.kshp[-self.convdim - 1]
        if C is not None and D is not None and D * self.num_groups != C:
            raise ValueError(f"{BAD_CHANNELS}, got {C}, {D} and {self.num_groups}")

    def sibling(self, kind):
        names = {2: TWO, 3: THREE}[self.convdim]
        arguments = {name: getattr(self, name) for name in self.__props__ if name != "convdim"}
        if self.convdim == 3:
            del arguments["unshared"]
        return names[kind](**arguments)

    def flops(self, inp, outp):
        """How many multiplications and additions there are.

        Raises
        ------
        NotImplementedError
            In three dimensions.
        """
        if self.convdim != 2:
            raise NotImplementedError(f"flops not implemented for convdim={self.convdim}")
        images, kernels = inp
        (out,) = outp
        return kernels[2] * kernels[3] * 2 * out[2] * out[3] * images[1] * kernels[0] * images[0] / self.num_groups

    def _known(self, shape, known):
        return shape if known is None else [a if b is None else b for a, b in zip(shape, known, strict=True)]


class AbstractConv(BaseAbstractConv, Convolution):
    """Convolution: called with images and kernels."""

    def make_node(self, img, kern):
        node = super().make_node(img, kern)
        img = assert_shape(node.inputs[0], self.imshp, _mismatch("", "image", "imshp"))
        kern = assert_shape(node.inputs[1], self.kshp, _mismatch("", "filters", "kshp"))
        return node.clone_with_new_inputs([img, kern])

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        known = self._known(shapes[0], self.imshp), self._known(shapes[1], self.kshp)
        return Convolution.infer_shape(self, node, known)


class AbstractConv_gradWeights(BaseAbstractConv, ConvolutionGradWeights):
    """The gradient by the kernels: called with images, the result's gradient and the kernels' lengths."""

    def make_node(self, img, topgrad, shape, add_assert_shape=True):
        node = super().make_node(img, topgrad, shape)
        if add_assert_shape:
            img = assert_shape(node.inputs[0], self.imshp, _mismatch("_gradWeights", "image", "imshp"))
        return node.clone_with_new_inputs([img, *node.inputs[1:]]) if add_assert_shape else node

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        (found,) = ConvolutionGradWeights.infer_shape(self, node, shapes)
        return [tuple(self._known(found, self.kshp))]


class AbstractConv_gradInputs(BaseAbstractConv, ConvolutionGradInputs):
    """The gradient by the images: called with kernels, the result's gradient and the images' lengths."""

    def make_node(self, kern, topgrad, shape, add_assert_shape=True):
        node = super().make_node(kern, topgrad, shape)
        if add_assert_shape:
            kern = assert_shape(node.inputs[0], self.kshp, _mismatch("_gradInputs", "filters", "kshp"))
        return node.clone_with_new_inputs([kern, *node.inputs[1:]]) if add_assert_shape else node

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        (found,) = ConvolutionGradInputs.infer_shape(self, node, shapes)
        return [tuple(self._known(found, self.imshp))]


class _Two:
    """In two dimensions."""

    def __init__(
        self,
        imshp=None,
        kshp=None,
        border_mode="valid",
        subsample=(1, 1),
        filter_flip=True,
        filter_dilation=(1, 1),
        num_groups=1,
        unshared=False,
    ):
        super().__init__(
            2, imshp, kshp, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared=unshared
        )


class _Three:
    """In three dimensions."""

    def __init__(
        self,
        imshp=None,
        kshp=None,
        border_mode="valid",
        subsample=(1, 1, 1),
        filter_flip=True,
        filter_dilation=(1, 1, 1),
        num_groups=1,
    ):
        super().__init__(3, imshp, kshp, border_mode, subsample, filter_flip, filter_dilation, num_groups)


class AbstractConv2d(_Two, AbstractConv):
    """:class:`AbstractConv` in two dimensions."""


class AbstractConv2d_gradWeights(_Two, AbstractConv_gradWeights):
    """:class:`AbstractConv_gradWeights` in two dimensions."""


class AbstractConv2d_gradInputs(_Two, AbstractConv_gradInputs):
    """:class:`AbstractConv_gradInputs` in two dimensions."""


class AbstractConv3d(_Three, AbstractConv):
    """:class:`AbstractConv` in three dimensions."""


class AbstractConv3d_gradWeights(_Three, AbstractConv_gradWeights):
    """:class:`AbstractConv_gradWeights` in three dimensions."""


class AbstractConv3d_gradInputs(_Three, AbstractConv_gradInputs):
    """:class:`AbstractConv_gradInputs` in three dimensions."""


TWO = (AbstractConv2d, AbstractConv2d_gradWeights, AbstractConv2d_gradInputs)
THREE = (AbstractConv3d, AbstractConv3d_gradWeights, AbstractConv3d_gradInputs)


def _mismatch(op, what, name):
    return f"AbstractConv{op} shape mismatch: shape of {what} does not match given {name}."


def _constants(name, shape, n):
    """A known shape as a tuple of int and None."""
    if shape is None:
        return None
    if isinstance(shape, Variable) or len(shape) != n or not all(map(_is_constant, shape)):
        raise ValueError(f"{name} should be None or a tuple of {n} constant int values or None, got {shape}")
    return tuple(None if i is None else int(i.data if isinstance(i, Constant) else i) for i in shape)


def _is_constant(i):
    return i is None or isinstance(i, Integral) or (isinstance(i, Constant) and i.type.ndim == 0)
