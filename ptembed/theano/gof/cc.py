"""The linkers that compile C code."""

from ptembed.theano import _gone

_HERE = ("CLinker", "OpWiseCLinker", "DualLinker", "CodeBlock", "get_module_cache")
_HERE += ("failure_code", "failure_code_init", "get_nothing", "get_c_declare", "get_c_init", "get_c_extract")
_HERE += ("get_c_extract_out", "get_c_cleanup", "get_c_sync", "apply_policy", "struct_variable_codeblocks", "_CThunk")

__getattr__ = _gone.getattr_of(
    __name__,
    {
        "code_gen": ("PyTensor writes C code in other parts", "pytensor.link.c.basic"),
        "struct_gen": ("PyTensor writes C code in other parts", "pytensor.link.c.basic"),
        "run_cthunk": ("it is internal to PyTensor's C linker", "pytensor.link.c.cutils"),
        "get_persistent_module_cache": ("PyTensor has one cache", "get_module_cache"),
    },
    {name: f"pytensor.link.c.basic:{name}" for name in _HERE} | {"HideC": "pytensor.link.c.interface:HideC"},
)
