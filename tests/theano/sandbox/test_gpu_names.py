"""Programs that ask for a GPU are told that there is none, and go on."""

import importlib

import numpy as np
import pytest

TRANSFERS = ["sandbox.cuda.basic_ops.host_from_gpu", "sandbox.cuda.basic_ops.gpu_from_host"]
TRANSFERS += ["sandbox.cuda.basic_ops.gpu_contiguous", "gpuarray.basic_ops.gpu_contiguous"]
CLASSES = ["sandbox.cuda.CudaNdarraySharedVariable", "sandbox.cuda.CudaNdarrayType", "gpuarray.type.GpuArrayType"]
CLASSES += ["sandbox.cuda.basic_ops.HostFromGpu", "gpuarray.GpuArraySharedVariable"]


def named(path):
    module, _, name = ("theano." + path).rpartition(".")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize(
    "path",
    [
        "sandbox.cuda.cuda_available",
        "sandbox.cuda.cuda_enabled",
        "gpuarray.pygpu_activated",
        "misc.pycuda_init.pycuda_available",
    ],
)
def test_there_is_none(theano, path):
    assert named(path) is False


@pytest.mark.parametrize("path", ["sandbox.cuda.dnn", "gpuarray.dnn", "sandbox.gpuarray.dnn"])
def test_cudnn_is_not_available(theano, path):
    dnn = named(path)
    assert dnn.dnn_available() is False
    assert dnn.version(raises=False) == -1
    with pytest.raises(RuntimeError, match="no cuDNN"):
        dnn.version()


@pytest.mark.parametrize("path", ["sandbox.cuda", "gpuarray", "sandbox.gpuarray"])
def test_use_does_nothing(theano, path):
    assert named(path).use("gpu0", force=True) is None
    assert theano.function([], theano.shared(2.0) * 3, mode="FAST_COMPILE")() == 6


@pytest.mark.parametrize("path", TRANSFERS)
def test_transfers_move_nothing(theano, path):
    x = theano.tensor.fmatrix("x")
    assert named(path)(x) is x
    assert named(path)(np.float32(2)).eval() == 2


@pytest.mark.parametrize("path", CLASSES)
def test_classes_have_no_instances(theano, path):
    assert not isinstance(theano.shared(np.float32(1)), named(path))
    with pytest.raises(NotImplementedError, match="needs a GPU"):
        named(path)()


def test_a_program_may_subclass_a_gpu_op(theano):
    class GpuCumsum(named("sandbox.cuda.basic_ops.GpuOp")):
        def make_node(self, x): ...

    with pytest.raises(NotImplementedError, match="GpuCumsum needs a GPU"):
        GpuCumsum()


def test_shared_floats_are_on_the_cpu(theano):
    constructor = named("sandbox.cuda.float32_shared_constructor")
    assert constructor(np.ones(3, "float32"), name="w").get_value().tolist() == [1, 1, 1]
    with pytest.raises(TypeError, match="takes a float32 array, got list"):
        constructor([1.0])


def test_contexts_are_not_defined(theano):
    with pytest.raises(ValueError, match="context name None not defined"):
        named("gpuarray.get_context")(None)
    assert named("gpuarray.type.list_contexts")() == []
    with pytest.raises(ValueError, match="no variable is on a GPU"):
        named("gpuarray.basic_ops.infer_context_name")(theano.tensor.fvector())
    with pytest.raises(NotImplementedError, match="no GPU to register"):
        named("gpuarray.type.reg_context")("dev0", None)


def test_anything_else_says_why_it_cannot_work(theano):
    cuda = importlib.import_module("theano.sandbox.cuda")
    with pytest.raises(NotImplementedError, match="mem_info is gone: it computed on a GPU"):
        cuda.cuda_ndarray.cuda_ndarray.mem_info()
    assert not hasattr(cuda, "nvcc_compiler")
    with pytest.raises(ImportError, match="GpuDnnConv is gone"):
        exec("from theano.sandbox.cuda.dnn import GpuDnnConv")


def test_rewrites_for_a_gpu_are_not_called(theano):
    opt = importlib.import_module("theano.gpuarray.opt")

    @opt.register_opt("fast_compile")
    @opt.op_lifter([theano.tensor.Dot])
    def local_gpua_dot(*args):
        raise AssertionError

    assert callable(local_gpua_dot)


def test_spectral_radius_bound(theano):
    bound = importlib.import_module("theano.sandbox.linalg").spectral_radius_bound
    X = theano.tensor.dmatrix()
    matrix = np.diag([3.0, 2.0, 1.0])
    f = theano.function([X], bound(X, 5), mode="FAST_COMPILE")
    assert 3 <= f(matrix) < 3.001
    for exponent, kind in ((0, ValueError), (1.5, TypeError)):
        with pytest.raises(kind, match="log2_exponent"):
            bound(X, exponent)
    with pytest.raises(TypeError, match="takes a matrix, got 1 dimensions"):
        bound(theano.tensor.dvector(), 2)


def test_hints_are_gone(theano):
    with pytest.raises(NotImplementedError, match="assume_a"):
        importlib.import_module("theano.sandbox.linalg.ops").hints  # noqa: B018


def test_a_rewrite_for_the_gpu_can_be_taken_out_and_another_registered(theano):
    opt = named("gpuarray.opt")
    name, database = "local_gpua_advanced_subtensor1", opt.gpu_optimizer
    rewrite = database.__db__[name].copy().pop()
    tags = [tag for tag, found in database.__db__.items() if rewrite in found and tag not in (name, "_NoRewrite")]
    assert "fast_run" in tags
    database.remove_tags(name, *tags)
    database.__db__["_NoRewrite"].remove(rewrite)
    del database.__db__[name]

    @opt.register_opt("fast_compile")
    @opt.op_lifter([theano.tensor.AdvancedSubtensor1])
    def local_gpua_advanced_subtensor1(op, context_name, inputs, outputs):
        return named("gpuarray.subtensor.GpuAdvancedSubtensor1")()

    with pytest.raises(NotImplementedError, match="GPU"):
        local_gpua_advanced_subtensor1(None, None, None, None)


def test_the_source_of_a_kernel_in_half_precision_is_written(theano):
    half = named("gpuarray.fp16_help")
    assert (half.work_dtype("float16"), half.load_w("float16"), half.write_w("float32")) == (
        "float32",
        "ga_half2float",
        "",
    )


def test_arrays_for_pycuda_are_gone(theano):
    with pytest.raises(ImportError, match=r"theano\.misc\.pycuda_utils\.to_gpuarray is gone: it computed on a GPU"):
        from theano.misc.pycuda_utils import to_gpuarray  # noqa: F401


@pytest.mark.parametrize("path", ["sandbox.cuda.dnn", "gpuarray.dnn"])
def test_batch_normalization_runs_on_the_cpu(theano, path):
    bn, dnn = theano.tensor.nnet.bn, importlib.import_module("theano." + path)
    x, one = np.arange(6.0).reshape(3, 2) ** 2, np.ones((1, 2))
    for got, want in (
        (dnn.dnn_batch_normalization_train, bn.batch_normalization_train),
        (dnn.dnn_batch_normalization_test, bn.batch_normalization_test),
    ):
        arguments = [theano.tensor.as_tensor_variable(v) for v in (x, one, 2 * one)]
        arguments += [theano.tensor.as_tensor_variable(v) for v in (3 * one, 4 * one)] if "test" in got.__name__ else []
        both = [call(*arguments, **{axes: "spatial"}) for call, axes in ((got, "mode"), (want, "axes"))]
        values = [out[0] if isinstance(out, tuple) else out for out in both]
        np.testing.assert_array_equal(*theano.function([], values, mode="FAST_COMPILE")())
