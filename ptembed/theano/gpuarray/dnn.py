"""cuDNN: is not available; its convolution, pooling and batch normalization run on the CPU."""

from ptembed.theano._gpu import dnn_available, gpu_getattr

dnn_present = dnn_available

__getattr__ = gpu_getattr(__name__)


def version(raises=True):
    """-1, or ``RuntimeError`` if ``raises``: there is no cuDNN."""
    if raises:
        raise RuntimeError("There is no cuDNN: everything runs on the CPU; ask dnn_available() first.")
    return -1


def dnn_conv(
    img,
    kerns,
    border_mode="valid",
    subsample=(1, 1),
    dilation=(1, 1),
    conv_mode="conv",
    direction_hint=None,
    workmem=None,
    algo=None,
    precision=None,
    num_groups=1,
):
    """Convolve images with kernels, on the CPU.

    Parameters
    ----------
    img, kerns, border_mode, subsample, dilation, num_groups
        As :func:`theano.tensor.nnet.conv2d` has them.
    conv_mode : {"conv", "cross"}
        Whether the kernels are turned around.
    direction_hint, workmem, algo, precision
        Ignored.

    Raises
    ------
    ValueError, TypeError
        As :func:`theano.tensor.nnet.conv2d`; ``ValueError`` for another ``conv_mode``.
    """
    from ptembed.theano.tensor.nnet.conv_functions import conv2d

    return conv2d(img, kerns, None, None, border_mode, subsample, _is_flipped(conv_mode), dilation, num_groups)


def dnn_conv3d(
    img,
    kerns,
    border_mode="valid",
    subsample=(1, 1, 1),
    dilation=(1, 1, 1),
    conv_mode="conv",
    direction_hint=None,
    algo=None,
    precision=None,
    num_groups=1,
):
    """As :func:`dnn_conv`, in three dimensions."""
    from ptembed.theano.tensor.nnet.conv_functions import conv3d

    return conv3d(img, kerns, None, None, border_mode, subsample, _is_flipped(conv_mode), dilation, num_groups)


def _is_flipped(conv_mode):
    if conv_mode not in ("conv", "cross"):
        raise ValueError(f"conv_mode must be 'conv' or 'cross', got {conv_mode!r}")
    return conv_mode == "conv"


def dnn_pool(img, ws, stride=None, mode="max", pad=None):
    """Pool images, on the CPU; windows that reach over the end are left out.

    Parameters
    ----------
    img : tensor4 or tensor5
    ws : tuple of 2 or 3 int
        The window.
    stride, pad : tuple of 2 or 3 int, optional
        1 and 0 by default.
    mode : {"max", "sum", "average_inc_pad", "average_exc_pad", "max_deterministic"}, optional

    Raises
    ------
    ValueError, TypeError, NotImplementedError
        As :func:`theano.tensor.signal.pool.pool_2d`.
    """
    from ptembed.theano.tensor.signal.pool import Pool

    stride = (1,) * len(ws) if stride is None else stride
    return Pool(True, mode, len(ws))(img, ws, stride, pad)


def dnn_batch_normalization_train(
    inputs,
    gamma,
    beta,
    mode="per-activation",
    epsilon=1e-4,
    running_average_factor=0.1,
    running_mean=None,
    running_var=None,
):
    """As :func:`theano.tensor.nnet.bn.batch_normalization_train`, whose ``axes`` is ``mode`` here."""
    from ptembed.theano.tensor.nnet.bn import batch_normalization_train

    running = (running_average_factor, running_mean, running_var)
    return batch_normalization_train(inputs, gamma, beta, mode, epsilon, *running)


def dnn_batch_normalization_test(inputs, gamma, beta, mean, var, mode="per-activation", epsilon=1e-4):
    """As :func:`theano.tensor.nnet.bn.batch_normalization_test`, whose ``axes`` is ``mode`` here."""
    from ptembed.theano.tensor.nnet.bn import batch_normalization_test

    return batch_normalization_test(inputs, gamma, beta, mean, var, mode, epsilon)
