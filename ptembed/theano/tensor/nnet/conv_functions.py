"""The functions that programs call for convolutions; the Ops are in :mod:`.abstract_conv`."""

import warnings
from numbers import Integral

from pytensor.graph.basic import Constant, Variable

from ptembed.theano.tensor.conversion import as_tensor_variable

__all__ = [
    "causal_conv1d",
    "conv2d",
    "conv2d_grad_wrt_inputs",
    "conv2d_grad_wrt_weights",
    "conv2d_transpose",
    "conv2d_with_old_keywords",
    "conv3d",
    "conv3d_grad_wrt_inputs",
    "conv3d_grad_wrt_weights",
    "separable_conv2d",
    "separable_conv3d",
]


def conv2d(
    input,
    filters,
    input_shape=None,
    filter_shape=None,
    border_mode="valid",
    subsample=(1, 1),
    filter_flip=True,
    filter_dilation=(1, 1),
    num_groups=1,
    unshared=False,
):
    """Convolve images with kernels.

    Parameters
    ----------
    input : tensor4
        (B, C, rows, columns): images of ``C`` channels.
    filters : tensor4, or tensor of 6 dimensions if ``unshared``
        (F, C / num_groups, rows, columns), or (F, rows of the result, columns of it, C / num_groups, rows, columns).
    input_shape, filter_shape : tuple of int, Constant or None, optional
        What is known of the shapes.
    border_mode : {"valid", "half", "full"}, int, or tuple of two int or pairs of int
        Zeros around each image: none; half of the kernel's length; all of it but one; so many; so many above and below,
        left and right.
    subsample, filter_dilation : tuple of two int
        How far apart two places of the result are, and two entries of a kernel.
    filter_flip : bool
        Whether the kernels are turned around. A correlation does not turn them.
    num_groups : int
        Into how many groups the channels and the kernels are divided.
    unshared : bool
        Whether each place has kernels of its own.

    Returns
    -------
    tensor4
        (B, F, rows, columns).

    Raises
    ------
    TypeError
        For wrong numbers of dimensions.
    ValueError
        For options that cannot be; and when it is called, for shapes that do not fit.
    """
    options = (border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared)
    return _ops().AbstractConv2d(input_shape, filter_shape, *options)(
        as_tensor_variable(input), as_tensor_variable(filters)
    )


def conv3d(
    input,
    filters,
    input_shape=None,
    filter_shape=None,
    border_mode="valid",
    subsample=(1, 1, 1),
    filter_flip=True,
    filter_dilation=(1, 1, 1),
    num_groups=1,
):
    """As :func:`conv2d`, for images (B, C, depth, rows, columns)."""
    options = (border_mode, subsample, filter_flip, filter_dilation, num_groups)
    return _ops().AbstractConv3d(input_shape, filter_shape, *options)(
        as_tensor_variable(input), as_tensor_variable(filters)
    )


def conv2d_with_old_keywords(
    input,
    filters,
    input_shape=None,
    filter_shape=None,
    border_mode="valid",
    subsample=(1, 1),
    filter_flip=True,
    image_shape=None,
    filter_dilation=(1, 1),
    num_groups=1,
    unshared=False,
    **kwargs,
):
    """``theano.tensor.nnet.conv2d``: :func:`conv2d`, which takes, and warns of, the keywords of the older one, too.

    Parameters
    ----------
    image_shape : tuple, optional
        What ``input_shape`` was called before.
    **kwargs
        Ignored; they chose between ways to compute the same.

    Raises
    ------
    ValueError
        For ``imshp_logical`` and ``kshp_logical``, and if there are both ``input_shape`` and ``image_shape``.
    """
    if "imshp_logical" in kwargs or "kshp_logical" in kwargs:
        raise ValueError(
            "imshp_logical and kshp_logical are not supported: use conv2d_grad_wrt_inputs, or filter_dilation"
        )
    if kwargs:
        warnings.warn(f"{list(kwargs)} are deprecated in tensor.nnet.conv2d and will be ignored", stacklevel=2)
    if image_shape is not None:
        warnings.warn("image_shape of tensor.nnet.conv2d is deprecated: it is called input_shape", stacklevel=2)
        if input_shape is not None:
            raise ValueError("input_shape and image_shape should not be provided at the same time")
        input_shape = image_shape
    options = (border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared)
    return conv2d(input, filters, input_shape, filter_shape, *options)


conv2d_with_old_keywords.__name__ = conv2d_with_old_keywords.__qualname__ = "conv2d"


def conv2d_transpose(
    input,
    filters,
    output_shape,
    filter_shape=None,
    border_mode="valid",
    input_dilation=(1, 1),
    filter_flip=True,
    filter_dilation=(1, 1),
    num_groups=1,
    unshared=False,
):
    """What a convolution would have been given, to first order: :func:`conv2d_grad_wrt_inputs` of ``input``.

    Parameters
    ----------
    output_shape : sequence of four int, Constant or, for the last two, integer scalars
    input_dilation : tuple of two int
        The stride of the convolution.
    """
    options = (border_mode, input_dilation, filter_flip, filter_dilation, num_groups, unshared)
    return conv2d_grad_wrt_inputs(input, filters, output_shape, filter_shape, *options)


def conv2d_grad_wrt_inputs(
    output_grad,
    filters,
    input_shape,
    filter_shape=None,
    border_mode="valid",
    subsample=(1, 1),
    filter_flip=True,
    filter_dilation=(1, 1),
    num_groups=1,
    unshared=False,
):
    """The gradient of :func:`conv2d` by its images.

    Parameters
    ----------
    output_grad : tensor4
        The gradient by the result, (B, F, rows, columns).
    filters : tensor
    input_shape : sequence of four int, Constant or None; the last two may be integer scalars, but not None
        Of the images; their lengths do not follow from the result's if it was subsampled.
    filter_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
        As :func:`conv2d` was given them.

    Raises
    ------
    ValueError
        For shapes of another kind.
    """
    _check_kinds("input_shape", input_shape, 4, 2, ValueError)
    if filter_shape is not None:
        _check_kinds("filter_shape", filter_shape, 6 if unshared else 4, 0, ValueError)
    options = (border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared)
    op = _ops().AbstractConv2d_gradInputs(_numbers(input_shape), filter_shape, *options)
    return op(as_tensor_variable(filters), as_tensor_variable(output_grad), _lengths(input_shape, 2))


def conv3d_grad_wrt_inputs(
    output_grad,
    filters,
    input_shape,
    filter_shape=None,
    border_mode="valid",
    subsample=(1, 1, 1),
    filter_flip=True,
    filter_dilation=(1, 1, 1),
    num_groups=1,
):
    """The gradient of :func:`conv3d` by its images; see :func:`conv2d_grad_wrt_inputs`."""
    _check_kinds("input_shape", input_shape, 5, 3, AssertionError)
    if filter_shape is not None:
        _check_kinds("filter_shape", filter_shape, 5, 0, AssertionError)
    options = (border_mode, subsample, filter_flip, filter_dilation, num_groups)
    op = _ops().AbstractConv3d_gradInputs(_numbers(input_shape), filter_shape, *options)
    return op(as_tensor_variable(filters), as_tensor_variable(output_grad), _lengths(input_shape, 3))


def conv2d_grad_wrt_weights(
    input,
    output_grad,
    filter_shape,
    input_shape=None,
    border_mode="valid",
    subsample=(1, 1),
    filter_flip=True,
    filter_dilation=(1, 1),
    num_groups=1,
    unshared=False,
):
    """The gradient of :func:`conv2d` by its kernels.

    Parameters
    ----------
    input, output_grad : tensor4
        The images, and the gradient by the result.
    filter_shape : sequence of four or six int, Constant or None; the last two may be integer scalars, but not None
        Of the kernels; their lengths do not follow from the result's if it was subsampled.
    input_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
        As :func:`conv2d` was given them.

    Raises
    ------
    AssertionError
        For shapes of another kind.
    """
    _check_kinds("filter_shape", filter_shape, 6 if unshared else 4, 2, AssertionError)
    if input_shape is not None:
        _check_kinds("input_shape", input_shape, 4, 0, AssertionError)
    options = (border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared)
    op = _ops().AbstractConv2d_gradWeights(input_shape, _numbers(filter_shape), *options)
    return op(as_tensor_variable(input), as_tensor_variable(output_grad), _lengths(filter_shape, 2))


def conv3d_grad_wrt_weights(
    input,
    output_grad,
    filter_shape,
    input_shape=None,
    border_mode="valid",
    subsample=(1, 1, 1),
    filter_flip=True,
    filter_dilation=(1, 1, 1),
    num_groups=1,
):
    """The gradient of :func:`conv3d` by its kernels; see :func:`conv2d_grad_wrt_weights`."""
    _check_kinds("filter_shape", filter_shape, 5, 3, AssertionError)
    if input_shape is not None:
        _check_kinds("input_shape", input_shape, 5, 0, AssertionError)
    options = (border_mode, subsample, filter_flip, filter_dilation, num_groups)
    op = _ops().AbstractConv3d_gradWeights(input_shape, _numbers(filter_shape), *options)
    return op(as_tensor_variable(input), as_tensor_variable(output_grad), _lengths(filter_shape, 3))


def separable_conv2d(
    input,
    depthwise_filters,
    pointwise_filters,
    num_channels,
    input_shape=None,
    depthwise_filter_shape=None,
    pointwise_filter_shape=None,
    border_mode="valid",
    subsample=(1, 1),
    filter_flip=True,
    filter_dilation=(1, 1),
):
    """Convolve each channel for itself, then mix the results place by place.

    Parameters
    ----------
    input : tensor4
        (B, C, rows, columns).
    depthwise_filters : tensor4
        (n C, 1, rows, columns).
    pointwise_filters : tensor4
        (F, n C, 1, 1).
    num_channels : int
        C.
    input_shape, depthwise_filter_shape, pointwise_filter_shape : tuple, optional
        What is known of the shapes.
    border_mode, subsample, filter_flip, filter_dilation
        Of the first convolution; see :func:`conv2d`.
    """
    options = (border_mode, subsample, filter_flip, filter_dilation, num_channels)
    op = _ops().AbstractConv2d(input_shape, depthwise_filter_shape, *options)
    each = op(as_tensor_variable(input), as_tensor_variable(depthwise_filters))
    return conv2d(each, pointwise_filters, _shape_of_result(op), pointwise_filter_shape, filter_flip=filter_flip)


def separable_conv3d(
    input,
    depthwise_filters,
    pointwise_filters,
    num_channels,
    input_shape=None,
    depthwise_filter_shape=None,
    pointwise_filter_shape=None,
    border_mode="valid",
    subsample=(1, 1, 1),
    filter_flip=True,
    filter_dilation=(1, 1, 1),
):
    """As :func:`separable_conv2d`, in three dimensions."""
    options = (border_mode, subsample, filter_flip, filter_dilation, num_channels)
    op = _ops().AbstractConv3d(input_shape, depthwise_filter_shape, *options)
    each = op(as_tensor_variable(input), as_tensor_variable(depthwise_filters))
    return conv3d(each, pointwise_filters, _shape_of_result(op), pointwise_filter_shape, filter_flip=filter_flip)


def causal_conv1d(
    input,
    filters,
    filter_shape,
    input_shape=None,
    subsample=1,
    filter_flip=True,
    filter_dilation=1,
    num_groups=1,
    unshared=False,
):
    """Convolve sequences so that no result depends on what comes later (van den Oord et al., WaveNet, 2016).

    Parameters
    ----------
    input : tensor3
        (B, C, time).
    filters : tensor3
        (F, C, length).
    filter_shape : sequence of three int
        The length is needed: so many zeros stand before each sequence, less one, times ``filter_dilation``.
    input_shape : sequence of three int, optional
    subsample, filter_dilation : int

    Returns
    -------
    tensor3
        (B, F, time).

    Raises
    ------
    ValueError
        For wrong numbers of dimensions.
    """
    input, filters = as_tensor_variable(input), as_tensor_variable(filters)
    for name, x in (("Input", input), ("Filters", filters)):
        if x.ndim != 3:
            raise ValueError(f"{name} should be 3D for causal convolution, got {x.ndim} dimensions")
    for shape in filter(None, (filter_shape, input_shape)):
        if len(shape) != 3:
            raise AssertionError(f"the shape of sequences or filters must have three lengths, got {shape}")
    zeros = filter_dilation * (filter_shape[2] - 1)
    out = conv2d(
        input.dimshuffle(0, 1, 2, "x"),
        filters.dimshuffle(0, 1, 2, "x"),
        None if input_shape is None else (*input_shape, 1),
        (*filter_shape, 1),
        border_mode=((zeros, 0), 0),
        subsample=(subsample, 1),
        filter_flip=filter_flip,
        filter_dilation=(filter_dilation, 1),
        num_groups=num_groups,
        unshared=unshared,
    )
    return out[:, :, :, 0]


def _ops():
    from ptembed.theano.tensor.nnet import abstract_conv  # here and not above: it re-exports these functions

    return abstract_conv


def _check_kinds(name, shape, n, symbolic, error):
    """Check a shape of ``n`` lengths, of which the last ``symbolic`` may be variables and must be given."""
    if len(shape) != n:
        raise error(f"{name} must have {n} lengths, got {len(shape)}")
    for i, length in enumerate(shape):
        kinds = (Variable, Integral) if i >= n - symbolic else (Constant, Integral, type(None))
        if not isinstance(length, kinds):
            what = "an integer, a constant or a symbolic variable" if i >= n - symbolic else "a constant or None"
            raise error(f"{name}[{i}] must be {what}, got {length}")


def _numbers(shape):
    """What a shape tells without its variables."""
    return tuple(n if n is None or isinstance(n, Constant | Integral) else None for n in shape)


def _lengths(shape, n):
    return as_tensor_variable(list(shape[-n:]))


def _shape_of_result(op):
    return None if op.imshp is None or op.kshp is None else op.infer_shape(None, [op.imshp, op.kshp])[0]
