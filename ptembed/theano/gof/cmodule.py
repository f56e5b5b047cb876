"""C modules: how they are compiled and where they are kept."""

from ptembed.theano import _gone

_HERE = (
    "Compiler",
    "DynamicModule",
    "ExtFunction",
    "GCC_compiler",
    "KeyData",
    "METH_VARARGS",
    "ModuleCache",
    "_get_ext_suffix",
    "dlimport",
    "dlimport_workdir",
    "gcc_llvm",
    "gcc_version",
    "get_gcc_shared_library_arg",
    "get_lib_extension",
    "get_module_cache",
    "get_module_hash",
    "get_safe_part",
    "is_same_entry",
    "last_access_time",
    "module_name_from_dir",
    "std_include_dirs",
    "std_lib_dirs",
    "std_lib_dirs_and_libs",
    "std_libs",
    "try_march_flag",
)

__getattr__ = _gone.getattr_of(
    __name__,
    {
        "MissingGXX": ("PyTensor raises another error", "pytensor.link.c.exceptions.MissingGXX"),
        "icc_module_compile_str": ("PyTensor compiles with GCC or Clang alone", "theano.gof.cmodule.GCC_compiler"),
    },
    {name: f"pytensor.link.c.cmodule:{name}" for name in _HERE},
)
