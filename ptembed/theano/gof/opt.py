"""Graph rewrites in Theano's spelling."""

from pytensor.graph.rewriting.basic import (
    ChangeTracker,
    MergeFeature,
    MergeOptimizer,
    _logger,
    check_stack_trace,
    copy_stack_trace,
    in2out,
    merge_dict,
    out2in,
    pre_constant_merge,
)
