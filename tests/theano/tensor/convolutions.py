"""Calls of convolutions as programs write them; shapes and weighted sums of the results and of their gradients.

``python convolutions.py`` with Theano 1.0.5 (Python 3.7, NumPy below 1.17) writes ``convolutions.json``.
"""

import json
import os

import numpy as np

# x: (2, 4, 7, 6), w: (6, 4, 3, 2), v: (2, 4, 5, 7, 6), u: (2, 4, 2, 3, 2); g: groups of two; d: one kernel a channel
CALLS = """
    T.nnet.conv2d(x, w); T.nnet.conv2d(x, w, border_mode='full'); T.nnet.conv2d(x, w, border_mode='half')
    T.nnet.conv2d(x, w, (2, 4, 7, 6), (6, 4, 3, 2), border_mode=(2, 1), subsample=(2, 3))
    T.nnet.conv2d(x, w, border_mode=((1, 2), (0, 3)), filter_flip=False); T.nnet.conv2d(x, w, filter_dilation=(2, 3))
    T.nnet.conv2d(x, g, num_groups=2, border_mode=1); T.nnet.conv2d(x, w, border_mode='half', filter_dilation=(2, 2))
    T.nnet.conv2d(x, l, unshared=True, subsample=(2, 2)); T.nnet.conv2d(x, w, border_mode='full', subsample=(3, 2))
    T.nnet.conv2d_transpose(y, w, (2, 4, 7, 6)); T.nnet.conv2d_transpose(y, w, (2, 4, 12, 10), input_dilation=(2, 2))
    T.nnet.conv2d_transpose(y, w, (None, None, 3, 4), border_mode=(2, 1)); T.nnet.conv3d(v, u)
    T.nnet.conv3d(v, u, border_mode='half', subsample=(2, 1, 2), filter_dilation=(1, 2, 1), filter_flip=False)
    T.nnet.abstract_conv.separable_conv2d(x, d, p, 4); T.nnet.conv3d(v, u, border_mode=(1, 0, 2))
    T.nnet.abstract_conv.causal_conv1d(x[:, :, :, 0], w[:, :, :, 0], (6, 4, 3), filter_dilation=2)
    T.nnet.abstract_conv.bilinear_upsampling(x, ratio=2); T.nnet.abstract_conv.bilinear_upsampling(x, 3, None, 2, 4)
    T.nnet.abstract_conv.bilinear_upsampling(x, ratio=4, use_1D_kernel=False)
    T.nnet.abstract_conv.bilinear_upsampling(x, frac_ratio=(5, 2), use_1D_kernel=False)
    T.nnet.abstract_conv.bilinear_upsampling(x, frac_ratio=((3, 2), (8, 6)), use_1D_kernel=False)
    T.nnet.abstract_conv.bilinear_kernel_2D(3) * x[0, 0, :5, :5]; T.nnet.conv.conv2d(x, w)
    T.nnet.conv.conv2d(x, w, border_mode='full'); T.nnet.conv.ConvOp((4, 7, 6), (3, 2), 6, 2)(x, w)
    conv3d2d.conv3d(v, z); conv3d2d.conv3d(v, z, border_mode='full'); conv3d2d.conv3d(v, z, border_mode='half')
    conv3d2d.conv3d(v, z, border_mode=('valid', 'half', 'half'))
    conv3d2d.conv3d(v, z, border_mode=('full', 'valid', 'valid')); conv3d2d.diagonal_subtensor(v, 3, 4)
""".replace("\n", ";")

SHAPES = {
    "x": (2, 4, 7, 6),
    "w": (6, 4, 3, 2),
    "g": (6, 2, 3, 2),
    "l": (6, 3, 3, 4, 3, 2),
    "y": (2, 6, 5, 5),
    "v": (2, 4, 5, 7, 6),
    "u": (2, 4, 2, 3, 2),
    "d": (8, 1, 3, 3),
    "p": (3, 8, 1, 1),
    "z": (3, 2, 5, 3, 2),
}


def calls():
    """The calls, each once."""
    return [call.strip() for call in CALLS.split(";") if call.strip()]


def numbers(shape):
    """Numbers without a pattern."""
    return np.sin(np.arange(np.prod(shape)) * 1.7 + 0.3).reshape(shape)


def outcome(theano, call):
    """The shape of the result, its weighted sum, and those of the gradients by all that it was given."""
    from theano.tensor.nnet import conv3d2d

    T = theano.tensor
    tensors = {name: T.TensorType("float64", (False,) * len(shape))(name) for name, shape in SHAPES.items()}
    result = eval(call, {"T": T, "conv3d2d": conv3d2d}, tensors)
    value = T.TensorType("float64", (False,) * result.ndim)("weights")
    f = theano.function(list(tensors.values()), result, on_unused_input="ignore")
    arrays = [numbers(shape) for shape in SHAPES.values()]
    weights = numbers(f(*arrays).shape) + 0.5
    used = [v for name, v in tensors.items() if name in names(call)]
    gradients = T.grad((result * value).sum(), used, disconnected_inputs="ignore")
    sums = [(gradient * (T.arange(gradient.size).reshape(gradient.shape) % 7)).sum() for gradient in gradients]
    f = theano.function([*tensors.values(), value], [(result * value).sum()] + sums, on_unused_input="ignore")
    return [list(weights.shape), [float(s) for s in f(*(arrays + [weights]))]]


def names(call):
    """Which of the arrays a call names."""
    code = compile(call, call, "eval")
    return [name for name in SHAPES if name in code.co_names]


def main():
    import theano

    recorded = {"made with": theano.__version__, "outcomes": {call: outcome(theano, call) for call in calls()}}
    with open(os.path.splitext(os.path.abspath(__file__))[0] + ".json", "w") as file:
        json.dump(recorded, file, indent=0)


if __name__ == "__main__":
    main()
