"""Convolutions against real Theano's numbers, what they refuse, and what compiled graphs have."""

import json
from pathlib import Path

import convolutions
import numpy as np
import pytest

RECORDED = json.loads(Path(convolutions.__file__).with_suffix(".json").read_text())["outcomes"]


@pytest.fixture
def T(theano):
    return theano.tensor


@pytest.mark.parametrize("call", convolutions.calls())
def test_numbers_are_theanos(theano, call):
    with theano.config.change_flags(floatX="float64", mode="FAST_COMPILE"):
        shape, sums = convolutions.outcome(theano, call)
    assert shape == RECORDED[call][0]
    np.testing.assert_allclose(sums, RECORDED[call][1], rtol=1e-10)


def test_compiled_graphs_have_correlations(theano, T):
    corr, abstract = T.nnet.corr, T.nnet.abstract_conv
    x, w = T.tensor4(), T.tensor4()
    y = T.nnet.conv2d(x, w)
    f = theano.function([x, w], [y, *T.grad(y.sum(), [x, w])], mode="FAST_RUN")
    ops = [node.op for node in f.maker.fgraph.toposort()]
    for kind in (corr.CorrMM, corr.CorrMM_gradInputs, corr.CorrMM_gradWeights):
        assert any(isinstance(op, kind) for op in ops)
    assert not any(isinstance(op, abstract.BaseAbstractConv) for op in ops)


def test_what_differs_in_known_shapes_alone_is_computed_once(theano, T):
    x, w = T.tensor4(), T.tensor4()
    out = T.nnet.conv2d(x, w) + T.nnet.conv2d(x, w, input_shape=(None, 1, 5, 5))
    f = theano.function([x, w], out, mode="FAST_RUN")
    assert sum(isinstance(node.op, T.nnet.corr.CorrMM) for node in f.maker.fgraph.toposort()) == 1


def test_known_shapes_are_the_results(theano, T):
    y = T.nnet.conv2d(T.tensor4(), T.tensor4(), (2, 3, 8, 8), (5, 3, 3, 3))
    f = theano.function(y.owner.inputs, y.shape, on_unused_input="ignore", mode="FAST_RUN")
    assert f(np.zeros((2, 3, 8, 8), "f"), np.zeros((5, 3, 3, 3), "f")).tolist() == [2, 5, 6, 6]


def test_keywords_of_older_interfaces(T):
    x, w = T.tensor4(), T.tensor4()
    with pytest.warns(UserWarning, match="image_shape"):
        assert T.nnet.conv2d(x, w, image_shape=(1, 1, 5, 5)).owner.op.imshp == (1, 1, 5, 5)
    with pytest.warns(UserWarning, match="version"):
        T.nnet.conv2d(x, w, version=2)
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="at the same time"):
        T.nnet.conv2d(x, w, input_shape=(1, 1, 5, 5), image_shape=(1, 1, 5, 5))
    with pytest.raises(ValueError, match="imshp_logical"):
        T.nnet.conv2d(x, w, imshp_logical=(1, 9, 9))
    with pytest.warns(UserWarning, match="deprecated"):
        T.nnet.conv.conv2d(x, w, unroll_patch=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"border_mode": -1}, "border_mode"),
        ({"border_mode": (1, (2, -1))}, "border_mode"),
        ({"border_mode": "same"}, "border_mode"),
        ({"subsample": (0, 1)}, "subsample"),
        ({"subsample": (1,)}, "subsample must have 2 elements"),
        ({"filter_dilation": (1, 1, 1)}, "filter_dilation must have 2 elements"),
        ({"num_groups": 0}, "num_groups"),
        ({"input_shape": (1, 2, 3)}, "imshp"),
        ({"input_shape": (1, 2, 9, 9), "filter_shape": (1, 3, 2, 2)}, "channels"),
    ],
)
def test_options_that_cannot_be(T, options, message):
    with pytest.raises(ValueError, match=message):
        T.nnet.conv2d(T.tensor4(), T.tensor4(), **options)


def test_ranks_that_cannot_be(T):
    with pytest.raises(TypeError, match="img must be 4D"):
        T.nnet.conv2d(T.tensor3(), T.tensor4())
    with pytest.raises(TypeError, match="kern must be 6D"):
        T.nnet.conv2d(T.tensor4(), T.tensor4(), unshared=True)
    with pytest.raises(TypeError, match="img must be 5D"):
        T.nnet.conv3d(T.tensor4(), T.tensor4())
    with pytest.raises(ValueError, match="Input should be 3D"):
        T.nnet.abstract_conv.causal_conv1d(T.matrix(), T.tensor3(), (1, 1, 2))


def test_strides_that_are_no_integers(T):
    for strides in ((1.5, 1), (T.lscalar(), 1)):
        with pytest.raises(TypeError, match="subsample must have integers"):
            T.nnet.conv2d(T.tensor4(), T.tensor4(), subsample=strides)
    with pytest.raises(ValueError, match=r"ratio must be an integer, got 2\.5"):
        T.nnet.abstract_conv.bilinear_upsampling(T.tensor4(), 2.5)


def test_shapes_of_gradients_that_cannot_be(T):
    with pytest.raises(ValueError, match=r"input_shape\[0\] must be a constant"):
        T.nnet.abstract_conv.conv2d_grad_wrt_inputs(T.tensor4(), T.tensor4(), (T.lscalar(), 1, 5, 5))
    with pytest.raises(AssertionError, match=r"filter_shape\[3\] must be an integer"):
        T.nnet.abstract_conv.conv2d_grad_wrt_weights(T.tensor4(), T.tensor4(), (1, 1, 3, None))


def test_shapes_that_are_not_as_the_old_interface_was_told(theano, T):
    x, w = T.dtensor4(), T.dtensor4()
    with pytest.warns(UserWarning, match="deprecated"):
        y = T.nnet.conv.conv2d(x, w, (3, 2, 8, 8), (4, 2, 5, 5))
    f = theano.function([x, w], y, mode="FAST_COMPILE")
    assert f(np.ones((3, 2, 8, 8)), np.ones((4, 2, 5, 5))).shape == (3, 4, 4, 4)
    with pytest.raises(ValueError, match="provided at build time"):
        f(np.ones((3, 2, 7, 8)), np.ones((4, 2, 5, 5)))
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="image_shape must have 4 lengths, got 3"):
        T.nnet.conv.conv2d(x, w, (3, 2, 8))


def test_zeros_between_the_pixels_are_refused(T):
    with pytest.raises(NotImplementedError, match="conv2d_grad_wrt_inputs"):
        T.nnet.ConvOp((1, 4, 4), (2, 2), 1, 1, imshp_logical=(1, 8, 8))


def test_gradients_of_the_old_interface_with_strides(theano, T):
    x, w = np.arange(50.0).reshape(1, 2, 5, 5), np.arange(12.0).reshape(1, 2, 2, 3)
    theano.gradient.verify_grad(T.nnet.ConvOp(dx=2, dy=2), [x, w], rng=np.random.RandomState(0), mode="FAST_COMPILE")


def test_shape_functions(T):
    abstract = T.nnet.abstract_conv
    assert abstract.border_mode_to_pad((1, (2, 3)), 2, (5, 5)) == ((1, 1), (2, 3))
    assert abstract.get_conv_output_shape((None, 2, 8, None), (3, 2, 3, 3), "half", (2, 1)) == (None, 3, 4, None)
    assert abstract.get_conv_gradweights_shape((1, 2, 8, 8), (1, 3, 4, 4), "valid", (1, 2)) == (3, 2, 5, None)
    assert abstract.get_conv_gradinputs_shape((3, 2, 3, 3), (1, 3, 4, 4), "full", (1, 1)) == (1, 2, 2, 2)
    assert not abstract.check_conv_gradinputs_shape((1, 2, 8, 8), (3, 2, 3, 3), (1, 3, 5, 6), "valid", (1, 1))
    with pytest.raises(ValueError, match=r"dim\[2\]"):
        abstract.assert_conv_shape((1, 0, 0, 2))


def test_gpu_spellings_run_on_the_cpu(theano, T):
    from theano.gpuarray.dnn import dnn_conv
    from theano.sandbox.cuda.blas import GpuCorrMM

    x, w = T.tensor4(), T.tensor4()
    assert dnn_conv(x, w, conv_mode="cross").owner.op == T.nnet.conv2d(x, w, filter_flip=False).owner.op
    assert isinstance(GpuCorrMM("full"), T.nnet.corr.CorrMM)
    with pytest.raises(ValueError, match="conv_mode"):
        dnn_conv(x, w, conv_mode="same")
