"""The first interface of convolutions: ``conv2d`` and its Op; see :mod:`.conv_functions` for the later one."""

import warnings

import pytensor.tensor as pt
from pytensor.raise_op import CheckAndRaise

from ptembed import _pytensor
from ptembed.ops.convolution import Convolution
from ptembed.theano import _gone
from ptembed.theano.gof._protocol import TheanoOp
from ptembed.theano.tensor.conversion import NotScalarConstantError, as_tensor_variable, get_scalar_constant_value
from ptembed.theano.tensor.nnet.conv_shapes import get_conv_output_shape, get_conv_shape_1axis

imported_scipy_signal = True

_C_CODE = ("it was C code of the Op", "theano.tensor.nnet.conv2d")
__getattr__ = _gone.getattr_of(
    __name__,
    dict.fromkeys(
        (
            "_conv_op_code_a",
            "_conv_op_code_unroll_patch",
            "_conv_op_code_valid_gemm",
            "gen_conv_code_unroll_batch_kern",
        ),
        _C_CODE,
    ),
)


def conv2d(input, filters, image_shape=None, filter_shape=None, border_mode="valid", subsample=(1, 1), **kargs):
    """Convolve images with kernels, which are turned around.

    Parameters
    ----------
    input : tensor4
        (B, C, rows, columns).
    filters : tensor4
        (F, C, rows, columns), of the same dtype.
    image_shape, filter_shape : sequence of four int, Constant or None, or constant vector, optional
        The shapes, as far as they are known: other ones are refused.
    border_mode : {"valid", "full"}
    subsample : tuple of two int
    **kargs
        For :class:`ConvOp`.

    Returns
    -------
    tensor4

    Raises
    ------
    NotScalarConstantError
        For shapes that are not constant.
    ValueError
        For shapes of other than four lengths.
    AssertionError
        For channels that do not fit.
    """
    warnings.warn("theano.tensor.nnet.conv.conv2d is deprecated: use theano.tensor.nnet.conv2d", stacklevel=2)
    image, kernel = _constants("image_shape", image_shape), _constants("filter_shape", filter_shape)
    if image and kernel and None not in (image[1], kernel[1]) and image[1] != kernel[1]:
        raise AssertionError(f"images and filters must have as many channels, got {image} and {kernel}")
    known = {} if image is None else {"bsize": image[0], "imshp": image[1:]}
    known |= {} if kernel is None else {"nkern": kernel[0], "kshp": kernel[2:]}
    return ConvOp(output_mode=border_mode, dx=subsample[0], dy=subsample[1], **known, **kargs)(input, filters)


class ConvOp(TheanoOp, Convolution):
    """Convolution with kernels that are turned around; called with images and kernels.

    Parameters
    ----------
    imshp : (int, int, int) or (int, int), optional
        Channels, rows and columns of the images, or rows and columns of images of one channel; None for what is not
        known.
    kshp : (int, int), optional
        Rows and columns of the kernels.
    nkern, bsize : int, optional
        How many kernels and images there are.
    dx, dy : int
        Every how many rows and columns of the result are computed.
    output_mode : {"valid", "full"}
    unroll_batch, unroll_kern, unroll_patch, verbose, version, direction_hint, openmp
        Chose between ways to compute the same; kept.
    imshp_logical, kshp_logical : tuple, optional
        Must be as ``imshp`` and ``kshp``.

    Raises
    ------
    ValueError
        For shapes of other lengths; and when it is called, for other shapes than those known.
    TypeError
        For strides that are no integers.
    NotImplementedError
        For zeros between the pixels of images or kernels (``imshp_logical``, ``kshp_logical``), and when it is called,
        for kernels of another dtype than the images.
    Exception
        For other borders, and if no place is left.
    """

    __props__ = (
        "imshp",
        "kshp",
        "nkern",
        "bsize",
        "dx",
        "dy",
        "out_mode",
        "unroll_batch",
        "unroll_kern",
        "unroll_patch",
        "imshp_logical",
        "kshp_logical",
        "kshp_logical_top_aligned",
    )

    def __init__(
        self,
        imshp=None,
        kshp=None,
        nkern=None,
        bsize=None,
        dx=1,
        dy=1,
        output_mode="valid",
        unroll_batch=None,
        unroll_kern=None,
        unroll_patch=None,
        imshp_logical=None,
        kshp_logical=None,
        kshp_logical_top_aligned=True,
        verbose=0,
        version=-1,
        direction_hint="forward",
        openmp=None,
    ):
        if output_mode not in ("valid", "full"):
            raise Exception(f"Mode {output_mode} not implemented: it must be 'valid' or 'full'")  # Theano's type
        self.dx, self.dy = (_stride(name, n) for name, n in (("dx", dx), ("dy", dy)))
        super().__init__(2, output_mode, (self.dx, self.dy), filter_flip=True)
        self.imshp, self.kshp = _lengths("imshp", imshp, 3), _lengths("kshp", kshp, 2)
        self.imshp_logical = self.imshp if imshp_logical is None else _lengths("imshp_logical", imshp_logical, 3)
        self.kshp_logical = self.kshp if kshp_logical is None else _lengths("kshp_logical", kshp_logical, 2)
        if (self.imshp_logical, self.kshp_logical) != (self.imshp, self.kshp):
            raise NotImplementedError(
                "zeros between the pixels are not served: use conv2d_grad_wrt_inputs with subsample, or filter_dilation"
            )
        self.nkern, self.bsize, self.out_mode = nkern, bsize, output_mode
        self.unroll_batch, self.unroll_kern, self.unroll_patch = unroll_batch, unroll_kern, unroll_patch
        if (unroll_batch or unroll_kern) and not self.has_all_shape(self.imshp, self.kshp, nkern, bsize):
            raise Exception("In ConvOp, when using unroll_batch and unroll_kern, all shapes are needed")
        self.kshp_logical_top_aligned, self.verbose, self.version = kshp_logical_top_aligned, verbose, version
        self.direction_hint, self.openmp = direction_hint, openmp
        shapes = (None, *self.imshp), (None, None, *self.kshp)
        self.outshp = get_conv_output_shape(*shapes, output_mode, (self.dx, self.dy))[2:]
        self.fulloutshp = get_conv_output_shape(*shapes, output_mode, (1, 1))[2:]
        if any(n is not None and n <= 0 for n in self.outshp):
            raise Exception(f"Bad size for the output shape: kernels {self.kshp} must fit into images {self.imshp}")

    @staticmethod
    def has_all_shape(imshp, kshp, nkern=1, bsize=1):
        """Whether all of these are known."""
        return None not in (*imshp, *kshp, nkern, bsize)

    @staticmethod
    def getOutputShape(inshp, kshp, stride=(1, 1), mode="valid"):
        """The rows and columns of the result."""
        return tuple(get_conv_shape_1axis(i, k, mode, d) for i, k, d in zip(inshp, kshp, stride, strict=True))

    def flops(self, inputs, outputs):
        """How many multiplications and additions there are."""
        (B, C, *image), (F, _, *kernel) = inputs
        places = outputs[0][2:] if self.out_mode == "valid" else image
        return kernel[0] * kernel[1] * places[0] * places[1] * C * F * B * 2

    def make_node(self, inputs, kerns):
        inputs, kerns = as_tensor_variable(inputs), as_tensor_variable(kerns)
        for name, x in (("input", inputs), ("kernels", kerns)):
            if x.type.ndim != 4:
                raise TypeError(f"ConvOp requires {name} to be a 4D tensor, got {x} of {x.type.ndim} dimensions")
        if inputs.type.dtype != kerns.type.dtype:
            raise NotImplementedError(
                f"The image and the kernel must have the same type, got {inputs.type.dtype} and {kerns.type.dtype}"
            )
        node = super().make_node(inputs, kerns)
        node = node.clone_with_new_inputs([_checked(x, s) for x, s in zip(node.inputs, self._known(), strict=True)])
        ones = [i + 2 for i, n in enumerate(self.outshp) if n == 1]
        shape = [1 if i in ones else n for i, n in enumerate(node.outputs[0].type.shape)]
        return type(node)(self, node.inputs, [node.outputs[0].type.clone(shape=shape)()])

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        known = [
            [a if b is None else b for a, b in zip(s, k, strict=True)]
            for s, k in zip(shapes, self._known(), strict=True)
        ]
        return super().infer_shape(node, known)

    def _known(self):
        return (self.bsize, *self.imshp), (self.nkern, None, *self.kshp)


def _checked(x, shape):
    tests = [pt.eq(x.shape[i], n) for i, n in enumerate(shape) if n is not None]
    message = f"the shape must be the one provided at build time, {shape}"
    return CheckAndRaise(ValueError, message)(x, *tests) if tests else x


def _stride(name, n):
    n = 1 if n is None else n
    if int(n) != n:
        raise TypeError(f"ConvOp.__init__ param {name} must be an int, got {n}")
    return int(n)


def _lengths(name, lengths, n):
    lengths = (None,) * n if lengths is None else tuple(lengths)
    lengths = (1, *lengths) if n == 3 and len(lengths) == 2 else lengths
    if len(lengths) != n:
        raise ValueError(f"{name} must have {n} lengths, got {len(lengths)}")
    return lengths


def _constants(name, shape):
    """The numbers of a shape."""
    if isinstance(shape, tuple | list) and len(shape) != 4:
        raise ValueError(f"{name} must have 4 lengths, got {len(shape)}")
    return None if shape is None else [_constant(name, shape[i]) for i in range(4)]


def _constant(name, n):
    if n is None:
        return None
    try:
        return int(get_scalar_constant_value(as_tensor_variable(n)))
    except NotScalarConstantError as error:
        raise NotScalarConstantError(f"{name} must be of constant values, got {n}") from error
