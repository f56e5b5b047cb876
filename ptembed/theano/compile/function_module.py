"""What a compiled function is made of."""

from pytensor.compile.aliasing import Supervisor, alias_root, view_tree_set
from pytensor.compile.executor import DUPLICATE, AliasedMemoryError, Function, _constructor_Function, _pickle_Function
from pytensor.compile.maker import FunctionMaker, UnusedInputError, _logger, infer_reuse_pattern, insert_deepcopy
