"""The flags of Theano 1.0.5: their names and defaults, what becomes of each, and what Theano asked of the machine.

``KNOWN`` has every flag. A flag in ``FORWARDED`` is PyTensor's flag of the same name (``blas.ldflags`` is PyTensor's
``blas__ldflags``) and has its effect there. ``OWN`` are the ones that the drop-in gives their effect itself. All others
are kept, so that programs can set and read them, and have no effect; :mod:`ptembed.theano.configparser` says so once
when one of them is set away from its default.
"""

import os
import platform
import struct
from itertools import dropwhile

from ptembed.theano import _gone

__all__ = [
    "FORWARDED",
    "KNOWN",
    "OWN",
    "VALUES",
    "filter_device",
    "filter_mode",
    "filter_vm_lazy",
    "floatX_convert",
    "get_home_dir",
    "local_bitwidth",
    "python_int_bitwidth",
    "short_platform",
    "split_version",
    "warn_default",
]

KNOWN = {
    "floatX": "float64",
    "warn_float64": "ignore",
    "pickle_test_value": True,
    "cast_policy": "custom",
    "int_division": "int",
    "deterministic": "default",
    "device": "cpu",
    "init_gpu_device": "",
    "force_device": False,
    "conv.assert_shape": False,
    "print_global_stats": False,
    "contexts": "",
    "print_active_device": True,
    "gpuarray.sync": False,
    "gpuarray.preallocate": 0.0,
    "gpuarray.sched": "default",
    "gpuarray.single_stream": True,
    "gpuarray.cache_path": "",
    "cuda.root": "",
    "cuda.include_path": "",
    "dnn.conv.workmem": "",
    "dnn.conv.workmem_bwd": "",
    "dnn.conv.algo_bwd": "",
    "dnn.conv.algo_fwd": "small",
    "dnn.conv.algo_bwd_data": "none",
    "dnn.conv.algo_bwd_filter": "none",
    "dnn.conv.precision": "as_input_f32",
    "dnn.base_path": "",
    "dnn.include_path": "",
    "dnn.library_path": "",
    "dnn.bin_path": "",
    "dnn.enabled": "auto",
    "magma.include_path": "",
    "magma.library_path": "",
    "magma.enabled": False,
    "ctc.root": "",
    "assert_no_cpu_op": "ignore",
    "mode": "Mode",
    "cxx": "",
    "linker": "cvm",
    "allow_gc": True,
    "optimizer": "o4",
    "optimizer_verbose": False,
    "on_opt_error": "warn",
    "nocleanup": False,
    "on_unused_input": "raise",
    "tensor.cmp_sloppy": 0,
    "tensor.local_elemwise_fusion": True,
    "tensor.insert_inplace_optimizer_validate_nb": -1,
    "gpu.local_elemwise_fusion": True,
    "lib.amdlibm": False,
    "gpuelemwise.sync": True,
    "traceback.limit": 8,
    "traceback.compile_limit": 0,
    "experimental.unpickle_gpu_on_cpu": False,
    "experimental.local_alloc_elemwise": True,
    "experimental.local_alloc_elemwise_assert": True,
    "numpy.seterr_all": "ignore",
    "numpy.seterr_divide": "None",
    "numpy.seterr_over": "None",
    "numpy.seterr_under": "None",
    "numpy.seterr_invalid": "None",
    "warn.ignore_bug_before": "0.9",
    "warn.argmax_pushdown_bug": False,
    "warn.gpusum_01_011_0111_bug": False,
    "warn.sum_sum_bug": False,
    "warn.sum_div_dimshuffle_bug": False,
    "warn.subtensor_merge_bug": False,
    "warn.gpu_set_subtensor1": False,
    "warn.vm_gc_bug": False,
    "warn.signal_conv2d_interface": False,
    "warn.reduce_join": False,
    "warn.inc_set_subtensor1": False,
    "warn.round": False,
    "warn.inc_subtensor1_opt": True,
    "warn.identify_1pexp_bug": False,
    "compute_test_value": "off",
    "print_test_value": False,
    "compute_test_value_opt": "off",
    "unpickle_function": True,
    "reoptimize_unpickled_function": False,
    "exception_verbosity": "low",
    "openmp": False,
    "openmp_elemwise_minsize": 200000,
    "check_input": True,
    "cache_optimizations": False,
    "unittests.rseed": "666",
    "NanGuardMode.nan_is_error": True,
    "NanGuardMode.inf_is_error": True,
    "NanGuardMode.big_is_error": True,
    "NanGuardMode.action": "raise",
    "optimizer_excluding": "",
    "optimizer_including": "",
    "optimizer_requiring": "",
    "DebugMode.patience": 10,
    "DebugMode.check_c": True,
    "DebugMode.check_py": True,
    "DebugMode.check_finite": True,
    "DebugMode.check_strides": 0,
    "DebugMode.warn_input_not_reused": True,
    "DebugMode.check_preallocated_output": "",
    "DebugMode.check_preallocated_output_ndim": 4,
    "profiling.time_thunks": True,
    "profiling.n_apply": 20,
    "profiling.n_ops": 20,
    "profiling.output_line_width": 512,
    "profiling.min_memory_size": 1024,
    "profiling.min_peak_memory": False,
    "profiling.destination": "stderr",
    "profiling.debugprint": False,
    "profiling.ignore_first_call": False,
    "optdb.position_cutoff": float("inf"),
    "optdb.max_use_ratio": 8.0,
    "gcc.cxxflags": "",
    "cmodule.warn_no_version": False,
    "cmodule.remove_gxx_opt": False,
    "cmodule.compilation_warning": False,
    "cmodule.preload_cache": False,
    "cmodule.age_thresh_use": 2073600,
    "cmodule.debug": False,
    "blas.ldflags": "",
    "blas.check_openmp": True,
    "metaopt.verbose": 0,
    "metaopt.optimizer_excluding": "",
    "metaopt.optimizer_including": "",
    "profile": False,
    "profile_optimizer": False,
    "profile_memory": False,
    "vm.lazy": None,
    "on_shape_error": "warn",
    "scan.allow_gc": False,
    "scan.allow_output_prealloc": True,
    "scan.debug": False,
    "compile.wait": 5,
    "compile.timeout": 120,
    "cycle_detection": "regular",
    "check_stack_trace": "off",
    "compiledir_format": "",
    "base_compiledir": "",
    "compiledir": "",
}

FORWARDED = frozenset(
    {
        "floatX",
        "warn_float64",
        "cast_policy",
        "cxx",
        "allow_gc",
        "optimizer_verbose",
        "on_opt_error",
        "on_unused_input",
        "traceback.limit",
        "traceback.compile_limit",
        "exception_verbosity",
        "openmp",
        "openmp_elemwise_minsize",
        "check_input",
        "NanGuardMode.nan_is_error",
        "NanGuardMode.inf_is_error",
        "NanGuardMode.big_is_error",
        "NanGuardMode.action",
        "DebugMode.patience",
        "DebugMode.check_c",
        "DebugMode.check_py",
        "DebugMode.check_finite",
        "DebugMode.check_strides",
        "gcc.cxxflags",
        "blas.ldflags",
        "profile",
        "profile_optimizer",
        "profile_memory",
        "scan.allow_gc",
        "DebugMode.check_preallocated_output",
        "DebugMode.check_preallocated_output_ndim",
        "DebugMode.warn_input_not_reused",
        "profiling.time_thunks",
        "profiling.n_apply",
        "profiling.n_ops",
        "profiling.output_line_width",
        "profiling.min_memory_size",
        "profiling.min_peak_memory",
        "profiling.destination",
        "profiling.debugprint",
        "profiling.ignore_first_call",
        "cmodule.compilation_warning",
        "cmodule.debug",
        "cmodule.warn_no_version",
        "cmodule.remove_gxx_opt",
        "on_shape_error",
        "cycle_detection",
        "check_stack_trace",
    }
)

OWN = frozenset(
    {
        "compute_test_value",
        "int_division",
        "linker",
        "mode",
        "optimizer",
        "optimizer_excluding",
        "optimizer_including",
        "optimizer_requiring",
        "unittests.rseed",
        "unpickle_function",
    }
)

_DEBUG = ("off", "ignore", "warn", "raise", "pdb")
_FLOAT_ERRORS = ("None", "ignore", "warn", "raise", "call", "print", "log")
SUPPORTED_DNN_CONV_ALGO_RUNTIME = ("guess_once", "guess_on_shape_change", "time_once", "time_on_shape_change")
SUPPORTED_DNN_CONV_ALGO_FWD = (
    *("small", "none", "large", "fft", "fft_tiling", "winograd", "winograd_non_fused"),
    *SUPPORTED_DNN_CONV_ALGO_RUNTIME,
)
SUPPORTED_DNN_CONV_ALGO_BWD_DATA = (
    *("none", "deterministic", "fft", "fft_tiling", "winograd", "winograd_non_fused"),
    *SUPPORTED_DNN_CONV_ALGO_RUNTIME,
)
SUPPORTED_DNN_CONV_ALGO_BWD_FILTER = (
    *("none", "deterministic", "fft", "small", "winograd_non_fused", "fft_tiling"),
    *SUPPORTED_DNN_CONV_ALGO_RUNTIME,
)
SUPPORTED_DNN_CONV_PRECISION = ("as_input_f32", "as_input", "float16", "float32", "float64")

VALUES = {
    "floatX": ("float64", "float32", "float16"),
    "linker": ("cvm", "c|py", "py", "c", "c|py_nogc", "vm", "vm_nogc", "cvm_nogc", "numba"),
    "optimizer": ("o4", "o3", "o2", "o1", "unsafe", "fast_run", "fast_compile", "merge", "None"),
    "on_unused_input": ("raise", "warn", "ignore"),
    "on_opt_error": ("warn", "raise", "pdb", "ignore"),
    "on_shape_error": ("warn", "raise"),
    "exception_verbosity": ("low", "high"),
    "compute_test_value": _DEBUG,
    "compute_test_value_opt": _DEBUG,
    "int_division": ("int", "raise", "floatX"),
    "cast_policy": ("custom", "numpy+floatX"),
    "warn_float64": ("ignore", "warn", "raise", "pdb"),
    "assert_no_cpu_op": ("ignore", "warn", "raise", "pdb"),
    "deterministic": ("default", "more"),
    "cycle_detection": ("regular", "fast"),
    "check_stack_trace": ("off", "log", "warn", "raise"),
    "NanGuardMode.action": ("raise", "warn", "pdb"),
    "gpuarray.sched": ("default", "multi", "single"),
    "dnn.enabled": ("auto", "True", "False", "no_check"),
    "dnn.conv.algo_fwd": SUPPORTED_DNN_CONV_ALGO_FWD,
    "dnn.conv.algo_bwd_data": SUPPORTED_DNN_CONV_ALGO_BWD_DATA,
    "dnn.conv.algo_bwd_filter": SUPPORTED_DNN_CONV_ALGO_BWD_FILTER,
    "dnn.conv.precision": SUPPORTED_DNN_CONV_PRECISION,
    "warn.ignore_bug_before": (
        *("None", "all", "0.3", "0.4", "0.4.1", "0.5", "0.6", "0.7", "0.8", "0.8.1", "0.8.2", "0.9", "0.10"),
        *("1.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4", "1.0.5"),
    ),
    **{f"numpy.seterr_{kind}": _FLOAT_ERRORS for kind in ("all", "divide", "over", "under", "invalid")},
}

rc = 1
default_openmp = False
gcc_version_str = "GCC_NOT_FOUND"


def floatX_convert(s):
    """The dtype that ``floatX=32`` means."""
    return {"16": "float16", "32": "float32", "64": "float64"}.get(s, s)


def filter_mode(val):
    """A value of the flag ``mode``: the name of a mode, or a mode."""
    names = ("Mode", "DebugMode", "FAST_RUN", "NanGuardMode", "FAST_COMPILE", "DEBUG_MODE")
    if val in names or hasattr(val, "provided_optimizer"):
        return val
    if val in ("ProfileMode", "PROFILE_MODE"):
        raise ValueError(f"The mode {val} ended with Theano 1.0: use theano.config.profile=True.")
    raise ValueError(f"Invalid value ({val!r}) for the flag mode: expected one of {', '.join(names)}, or a Mode.")


def filter_device(val):
    """A value of the flag ``device``: any device that Theano knew of."""
    if val and not str(val).startswith(("cpu", "gpu", "cuda", "opencl")):
        raise ValueError(
            f'Invalid value ("{val}") for configuration variable "device". '
            'Valid options start with one of "cpu", "opencl" or "cuda".'
        )
    return val


def filter_vm_lazy(val):
    """A value of the flag ``vm.lazy``: true, false or None, or the text of it."""
    values = {"True": True, "False": False, "None": None}
    if str(val) not in values:
        raise ValueError(f"Valid values for an vm.lazy parameter should be None, False or True, not `{val}`.")
    return values[str(val)]


def good_seed_param(seed):
    """Whether the flag ``unittests.rseed`` takes ``seed``: a number, or ``"random"``."""
    return seed == "random" or str(seed).lstrip("+-").isdigit()


def is_valid_check_preallocated_output_param(param):
    """Whether the flag ``DebugMode.check_preallocated_output`` takes ``param``."""
    valid = {"initial", "previous", "c_contiguous", "f_contiguous", "strided", "wrong_size", "ALL", ""}
    return isinstance(param, str) and set(param.split(":")) <= valid


def split_version(version):
    """``"1.0.5"`` as ``(1, 0, 5)``."""
    return tuple(map(int, version.split(".")))


def warn_default(version):
    """Whether the flag ``warn.ignore_bug_before`` asks for warnings of bugs mended in ``version``."""
    from ptembed.theano.configparser import config

    since = config.warn.ignore_bug_before
    if since in ("None", "all"):
        return since == "None"
    return split_version(since) < split_version(version)


def local_bitwidth():
    """The bits of an address."""
    return struct.calcsize("P") * 8


def python_int_bitwidth():
    """The bits of C's ``long``, which was Python 2's ``int``."""
    return struct.calcsize("l") * 8


def get_home_dir():
    """The user's home directory."""
    return os.getenv("HOME") or os.path.expanduser("~")


def short_platform(r=None, p=None):
    """``platform.platform()`` without the parts that change with each update of the system.

    Parameters
    ----------
    r, p : str, optional
        The release and the platform; those of the machine by default.
    """
    r, p = r or platform.release(), p or platform.platform()
    parts = r.split("-")
    version = parts[0].split(".")
    if len(parts) < 2 or len(version) < 3:
        return p
    build = dropwhile(str.isdigit, parts[1].split("."))
    return p.replace(r, "-".join([".".join(version[:2]), ".".join(build), *parts[2:]]))


def default_compiledir():
    """The folder for what is compiled."""
    from ptembed.theano.configparser import config

    return config.compiledir


_C = ("no C compiler is asked for its flags", "PyTensor's flags of the same names")
_GPU = ("programs run on the CPU", "theano.config, which accepts the flags of the GPU")
_FOLDERS = ("what is compiled is in PyTensor's folder", "theano.config.compiledir")
_FOLDER_NAMES = (
    *("compiledir_format_dict", "compiledir_format_keys", "default_compiledir_format", "default_compiledirname"),
    *("filter_base_compiledir", "default_base_compiledir"),
)
_PARSER = "ptembed.theano.configparser"
_PARAMS = ("AddConfigVar", "BoolParam", "ConfigParam", "EnumStr", "FloatParam", "IntParam", "StrParam")
__getattr__ = _gone.getattr_of(
    __name__,
    dict.fromkeys(("warn_cxx", "check_mkl_openmp", "default_blas_ldflags", "try_blas_flag", "filter_compiledir"), _C)
    | dict.fromkeys(
        ("DeviceParam", "ContextsParam", "get_cuda_root", "default_cuda_include", "deprecated_gpuarray_sync"), _GPU
    )
    | dict.fromkeys(_FOLDER_NAMES, _FOLDERS)
    | {f"default_dnn_{what}_path": _GPU for what in ("base", "inc", "lib", "bin")}
    | {f"safe_no_dnn_{what}": _GPU for what in ("workmem", "workmem_bwd", "algo_bwd")},
    {name: f"{_PARSER}:{name}" for name in ("config", "TheanoConfigParser", "THEANO_FLAGS_DICT", *_PARAMS)},
)
