"""Small helpers of graphs."""

from pytensor.graph.traversal import toposort
from pytensor.graph.utils import (
    MetaObject,
    MethodNotDefined,
    StringIO,
    add_tag_trace,
    get_variable_trace_string,
    simple_extract_stack,
)
from pytensor.link.c.params_type import c_cpp_keywords
from pytensor.link.c.type import D
from pytensor.scalar import integer_types
from pytensor.tensor.extra_ops import unique
from pytensor.typed_list.basic import remove
from pytensor.utils import difference, flatten, from_return_values, hash_from_code, to_return_values, uniq
