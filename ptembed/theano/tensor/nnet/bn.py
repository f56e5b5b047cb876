r"""Batch normalization (Ioffe, Szegedy 2015, alg. 1): :math:`\gamma (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta`.

Written as expressions. The gradients are those of Theano's Ops; where the mean or the deviation of the batch is part of
a cost, its gradient counts too.
"""

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType, disconnected_type
from pytensor.scalar.basic import Composite, get_scalar_type

from ptembed.theano import _gone
from ptembed.theano.configparser import config
from ptembed.theano.tensor.basic import addbroadcast, patternbroadcast
from ptembed.theano.tensor.nnet.softmaxes import ExpressionOp

__all__ = [
    "AbstractBatchNormInference",
    "AbstractBatchNormTrain",
    "AbstractBatchNormTrainGrad",
    "BNComposite",
    "batch_normalization",
    "batch_normalization_test",
    "batch_normalization_train",
]


class _Normalize(ExpressionOp):
    """The normalized array, the mean, 1 / deviation, and the variance; the gradient reads the middle two."""

    __props__ = ("axes", "epsilon")
    inline = True

    def __init__(self, axes, epsilon, input_types=None, **kwargs):
        self.axes, self.epsilon = axes, epsilon
        super().__init__(input_types=input_types, **kwargs)

    def build_inner_graph(self, x, gamma, beta):
        mean, var = x.mean(self.axes, keepdims=True), x.var(self.axes, keepdims=True)
        invstd = 1 / pt.sqrt(var + pt.constant(self.epsilon, dtype=var.dtype))
        return [(x - mean) * (gamma * invstd) + beta, mean, invstd, var]

    def pullback(self, inputs, outputs, output_grads):
        x, gamma, _beta = inputs
        _out, mean, invstd, _var = outputs
        g_out, g_mean, g_invstd, g_var = (None if isinstance(g.type, DisconnectedType) else g for g in output_grads)
        m = _count(x, self.axes)
        dx, dgamma, dbeta = x.zeros_like(), disconnected_type(), disconnected_type()
        if g_out is not None:
            dx, dgamma, dbeta = AbstractBatchNormTrainGrad(self.axes)(x, g_out, gamma, mean, invstd)
        if g_mean is not None:
            dx += g_mean / m
        if g_invstd is not None:
            dx -= g_invstd * invstd**3 * (x - mean) / m
        if g_var is not None:
            dx += g_var * 2 * (x - mean) / m
        return [dx, dgamma, dbeta]


def _count(x, axes):
    return pt.cast(pt.prod([x.shape[i] for i in axes]), x.dtype)


class BNComposite(Composite):
    """The scalar Op ``(x - mean) / std * gamma + beta`` of five numbers of one dtype, in that order."""

    init_param = ("dtype",)

    def __init__(self, dtype):
        self.dtype = dtype
        x, mean, std, gamma, beta = numbers = [get_scalar_type(dtype)() for _ in range(5)]
        super().__init__(numbers, [(x - mean) / std * gamma + beta])

    def clone(self):
        return BNComposite(self.dtype)


def batch_normalization(inputs, gamma, beta, mean, std, mode="low_mem"):
    """Give ``(inputs - mean) / std * gamma + beta``.

    Parameters
    ----------
    inputs, gamma, beta, mean, std : array
        The others broadcast to ``inputs``.
    mode : {"low_mem", "high_mem"}
        Accepted: both compile to one loop.

    Raises
    ------
    ValueError
        For another mode.
    """
    if mode == "low_mem":
        return (inputs - mean) / std * gamma + beta
    if mode == "high_mem":
        return (inputs - mean) * (gamma / std) + beta
    raise ValueError('mode must be either "low_mem", "high_mem"')


def _axes_of(axes, ndim: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes to normalize, and the others."""
    if isinstance(axes, str) and axes == "per-activation":
        axes = (0,)
    elif isinstance(axes, str) and axes == "spatial":
        axes = (0, *range(2, ndim))
    elif not isinstance(axes, tuple | list | np.ndarray):
        raise ValueError(f"invalid axes: {axes}; give 'per-activation', 'spatial' or a tuple of ints")
    axes = tuple(sorted(int(a) for a in axes))
    if not axes:
        raise ValueError("there should be at least one normalization axis")
    if axes[0] < 0 or axes[-1] >= ndim:
        raise ValueError(f"axes should be less than ndim (<{ndim}), but {axes} given")
    return axes, tuple(i for i in range(ndim) if i not in axes)


def _checked_epsilon(epsilon):
    epsilon = np.dtype(config.floatX).type(epsilon)
    if epsilon < 1e-5:
        raise ValueError(f"epsilon must be at least 1e-5, got {epsilon}")
    return epsilon


class _Layout:
    """How parameters lie along the inputs: with all of their dimensions, or without the normalized ones."""

    def __init__(self, axes, ndim, gamma, beta, **others):
        self.axes, self.kept = _axes_of(axes, ndim)
        self.is_full = gamma.ndim == ndim
        self.ndim, n = ndim, ndim if self.is_full else len(self.kept)
        if gamma.ndim != n or beta.ndim != n:
            raise ValueError(
                "gamma and beta dimensionality must match the number of non-normalized axes, or have the same number "
                f"of dimensions as the inputs; got {gamma.ndim} and {beta.ndim} instead of {n}"
            )
        for name, v in others.items():
            if v.ndim != n:
                raise ValueError(
                    f"{name} must be of the same dimensionality as gamma and beta; got {v.ndim} instead of {n}"
                )

    def spread(self, parameter):
        parameter = pt.as_tensor_variable(parameter)
        if self.is_full:
            return addbroadcast(parameter, *self.axes)
        return parameter.dimshuffle([self.kept.index(i) if i in self.kept else "x" for i in range(self.ndim)])

    def gathered(self, result):
        return result if self.is_full else result.dimshuffle(self.kept)


def batch_normalization_train(
    inputs,
    gamma,
    beta,
    axes="per-activation",
    epsilon=1e-4,
    running_average_factor=0.1,
    running_mean=None,
    running_var=None,
):
    r"""Normalize by the mean and variance of the batch.

    Parameters
    ----------
    inputs : array of any rank
    gamma, beta : array
        With the shape of ``inputs``, but 1 along ``axes``; or without these dimensions.
    axes : {"per-activation", "spatial"} or tuple of int
        To normalize over: ``(0,)``, all but 1, or those given.
    epsilon : float
        At least 1e-5.
    running_average_factor : float
        The weight a of the batch in the running averages.
    running_mean, running_var : array, optional
        Like ``gamma``; both or none.

    Returns
    -------
    tuple
        The result, the mean, and :math:`1 / \sqrt{\sigma^2 + \epsilon}`; if the running averages are given, also
        :math:`(1 - a) r + a \mu` and, with the variance of a sample of m, :math:`(1 - a) v + a \sigma^2 m / (m - 1)`.

    Raises
    ------
    ValueError
        For axes that are not there, parameters of another rank, an epsilon below 1e-5, or one running average alone.
    """
    if (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var must either both be given or both be None")
    running = {} if running_mean is None else {"running_mean": running_mean, "running_var": running_var}
    layout = _Layout(axes, inputs.ndim, gamma, beta, **running)
    gamma, beta = layout.spread(gamma), layout.spread(beta)
    out, mean, invstd, var = _Normalize(layout.axes, _checked_epsilon(epsilon))(inputs, gamma, beta)
    results = [mean, invstd]
    if running:
        a = running_average_factor
        old_mean, old_var = layout.spread(running_mean), layout.spread(running_var)
        m = _count(out, layout.axes)
        results.append(_like(old_mean, old_mean * (1.0 - a) + mean * a))
        results.append(_like(old_var, old_var * (1.0 - a) + (m / (m - 1)) * var * a))
    return (out, *map(layout.gathered, results))


def _like(old, new):
    return patternbroadcast(new, old.broadcastable) if old.broadcastable != new.broadcastable else new


def batch_normalization_test(inputs, gamma, beta, mean, var, axes="per-activation", epsilon=1e-4):
    """Normalize by a given mean and variance.

    Parameters
    ----------
    inputs, gamma, beta, axes, epsilon
        As in :func:`batch_normalization_train`.
    mean, var : array
        Like ``gamma``, often the running averages.

    Raises
    ------
    ValueError
        For axes that are not there, parameters of another rank, or an epsilon below 1e-5.
    """
    layout = _Layout(axes, inputs.ndim, gamma, beta, mean=mean, var=var)
    epsilon = _checked_epsilon(epsilon)
    gamma, beta, mean, var = map(layout.spread, (gamma, beta, mean, var))
    return (inputs - mean) * (gamma / pt.sqrt(var + pt.constant(epsilon, dtype=var.dtype))) + beta


class _OverAxes:
    def __init__(self, axes=(0,)):
        self.axes = tuple(int(a) for a in axes)


class AbstractBatchNormTrain(_OverAxes):
    """:func:`batch_normalization_train` as Theano's Op is called; gives the expression."""

    def __call__(self, x, scale, bias, epsilon=1e-4, running_average_factor=0.1, running_mean=None, running_var=None):
        return batch_normalization_train(
            x, scale, bias, self.axes, epsilon, running_average_factor, running_mean, running_var
        )


class AbstractBatchNormInference(_OverAxes):
    """:func:`batch_normalization_test` as Theano's Op is called; gives the expression."""

    def __call__(self, x, scale, bias, estimated_mean, estimated_variance, epsilon=1e-4):
        return batch_normalization_test(x, scale, bias, estimated_mean, estimated_variance, self.axes, epsilon)


class AbstractBatchNormTrainGrad(_OverAxes):
    """The gradients of :func:`batch_normalization_train` by its inputs, scale and bias; gives the expressions."""

    def __call__(self, x, dy, scale, x_mean, x_invstd, epsilon=1e-4):
        dev = (x - x_mean) * x_invstd
        c = x_invstd * (dy - dev * pt.mean(dy * dev, axis=self.axes, keepdims=True))
        sums = (pt.sum(v, axis=self.axes, keepdims=True) for v in (dy * dev, dy))
        return [scale * (c - pt.mean(c, axis=self.axes, keepdims=True)), *sums]


_OPTIMIZERS = ("bn_groupopt", *(f"local_abstract_batch_norm_{kind}" for kind in ("inference", "train", "train_grad")))
_WRITTEN = ("it is written as expressions, which need no optimizer", "theano.tensor.nnet.bn.batch_normalization_train")
__getattr__ = _gone.getattr_of(__name__, dict.fromkeys(_OPTIMIZERS, _WRITTEN))
