"""Convolution; not served yet."""

from ptembed.theano._later import not_yet

__all__ = ["ConvOp", "conv2d"]

ConvOp, conv2d = (
    not_yet(f"theano.tensor.nnet.conv.{name}", "pytensor.tensor.signal.convolve2d") for name in ("ConvOp", "conv2d")
)
