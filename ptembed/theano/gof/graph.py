"""Variables, applications of Ops, and walks over them."""

from pytensor.graph.basic import (
    Apply,
    Constant,
    Node,
    Variable,
    as_string,
    clone,
    clone_get_equiv,
    default_node_formatter,
    equal_computations,
    op_as_string,
)
from pytensor.graph.op import io_connection_pattern
from pytensor.graph.traversal import ancestors, general_toposort, io_toposort
