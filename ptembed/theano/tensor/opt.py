"""Rewrites of tensor graphs, and their registration.

Theano's local optimizers are PyTensor's node rewriters; those that still exist under their name are found in PyTensor's
modules when they are asked for.
"""

import sys

import pytensor.tensor.rewriting as _rewriting
from pytensor.graph.rewriting.basic import copy_stack_trace, in2out
from pytensor.raise_op import Assert, assert_op
from pytensor.tensor.basic import Alloc, MakeVector, MakeVectorPrinter, make_vector
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.rewriting.basic import (
    _logger,
    is_an_upcast,
    register_canonicalize,
    register_specialize,
    register_stabilize,
    register_uncanonicalize,
    register_useless,
)
from pytensor.tensor.rewriting.shape import ShapeFeature, ShapeOptimizer, UnShapeOptimizer
from pytensor.tensor.shape import Reshape, Shape, Shape_i

from ptembed.theano import _gone
from ptembed.theano.tensor.conversion import (
    NotScalarConstantError,
    ShapeError,
    extract_constant,
    get_scalar_constant_value,
)
from ptembed.theano.tensor.subtensor import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor1,
    IncSubtensor,
    Subtensor,
    advanced_inc_subtensor1,
    advanced_subtensor,
    advanced_subtensor1,
    get_canonical_form_slice,
    get_idx_list,
)

assert_ = Assert()
register_specialize_device = register_specialize


def encompasses_broadcastable(b1, b2):
    """Whether an array with the broadcast pattern ``b2`` can be broadcast to one with ``b1``."""
    b1 = b1[len(b1) - len(b2) :] if len(b1) >= len(b2) else None
    return b1 is not None and not any(one and not other for one, other in zip(b1, b2, strict=True))


def merge_broadcastables(broadcastables):
    """The broadcast pattern of the result of an elementwise Op on arrays with these."""
    return [all(bits) for bits in zip(*broadcastables, strict=True)]


def broadcast_like(value, template, fgraph, dtype=None):
    """``value`` in the shape of ``template``, which is in the graph ``fgraph``."""
    from ptembed.theano.tensor.basic import alloc, as_tensor_variable, cast, patternbroadcast

    value = as_tensor_variable(value)
    if value.type.is_super(template.type) and template.type.is_super(value.type):
        return value
    if template not in fgraph.variables:
        raise NotImplementedError("broadcast_like needs a template that is in the graph: give a variable of fgraph.")
    value = cast(value, template.dtype if dtype is None else dtype)
    shape = fgraph.shape_feature.shape_of.get(template) if hasattr(fgraph, "shape_feature") else None
    lengths = shape if shape is not None else [template.shape[i] for i in range(template.ndim)]
    return patternbroadcast(alloc(value, *lengths), template.broadcastable)


_PLACES = ("basic", "elemwise", "math", "shape", "subtensor", "subtensor_lift", "special", "blas")

_NAMES = """
    InplaceElemwiseOptimizer Canonizer _fill_chain add_calculate add_canonizer
    apply_local_dimshuffle_lift apply_rebroadcast_opt attempt_distribution check_for_x_over_absX constant_folding
    distribute_greedy elemwise_max_input_fct fuse_seqopt get_clients get_clients2 inplace_elemwise_optimizer
    is_dimshuffle_useless is_inverse_pair local_0_dot_x local_IncSubtensor_serialize local_abs_lift
    local_abs_merge local_add_canonizer local_add_mul_fusion local_add_specialize local_adv_sub1_adv_inc_sub1
    local_alloc_empty_to_zeros local_alloc_unary local_canonicalize_alloc local_cast_cast local_dimshuffle_lift
    local_div_switch_sink local_div_to_inv local_elemwise_alloc local_elemwise_alloc_op local_elemwise_fusion
    local_elemwise_fusion_op local_elemwise_sub_zeros local_erf_minus_one local_erf_neg_minus_one
    local_erf_neg_minus_one2 local_expm1 local_fill_sink local_fill_to_alloc local_flatten_lift local_func_inv
    local_grad_log_erfc_neg local_greedy_distributor local_incsubtensor_of_zeros
    local_incsubtensor_of_zeros_to_setsubtensor local_inplace_incsubtensor1 local_inplace_setsubtensor
    local_intdiv_by_one local_inv_canon local_join_1 local_join_empty local_join_make_vector
    local_lift_transpose_through_dot local_log1p local_log_add local_log_erfc local_log_sum_exp local_merge_alloc
    local_merge_switch_same_cond local_mul_canonizer local_mul_specialize local_mul_switch_sink local_mul_to_sqr
    local_mul_zero local_neg_div_neg local_neg_neg local_neg_to_mul local_one_add_neg_erfc local_one_minus_erf
    local_one_minus_erf2 local_one_minus_erfc local_one_minus_erfc2 local_one_minus_erfc3 local_one_plus_erf
    local_one_plus_neg_erf local_op_of_op local_opt_alloc local_pow_canonicalize local_pow_specialize
    local_pow_specialize_device local_rebroadcast_lift local_reduce_broadcastable local_reduce_join
    local_remove_all_assert local_remove_useless_assert local_reshape_chain local_reshape_lift
    local_reshape_to_dimshuffle local_scalar_tensor_scalar local_set_to_inc_subtensor
    local_setsubtensor_of_constants local_shape_to_shape_i local_subtensor_inc_subtensor local_subtensor_lift
    local_subtensor_make_vector local_subtensor_merge local_subtensor_of_alloc local_subtensor_of_dot
    local_subtensor_remove_broadcastable_index local_sum_prod_all_to_none local_sum_prod_div_dimshuffle
    local_sum_prod_mul_by_scalar local_sumsqr2dot local_tensor_scalar_tensor local_track_shape_i
    local_upcast_elemwise_constant_inputs local_useless_alloc local_useless_composite
    local_useless_dimshuffle_in_reshape local_useless_elemwise local_useless_elemwise_comparison
    local_useless_fill local_useless_inc_subtensor local_useless_inc_subtensor_alloc local_useless_rebroadcast
    local_useless_reduce local_useless_reshape local_useless_slice local_useless_split local_useless_subtensor
    local_useless_switch local_useless_tile local_view_op local_zero_div merge_two_slices mul_calculate
    mul_canonizer pre_constant_merge pre_greedy_local_optimizer scalarconsts_rest topo_constant_folding ALL_REDUCE
"""

#: Here under another name, or with other arguments, than in Theano.
_RENAMED = {
    "Canonizer": "AlgebraicCanonizer",
    "inplace_elemwise_optimizer": "InplaceElemwiseOptimizer",
}


def _place_of(name: str) -> str | None:
    """Where PyTensor has it: ``module:name``."""
    name = _RENAMED.get(name, name)
    for place in _PLACES:
        module = sys.modules.get(f"{_rewriting.__name__}.{place}")
        if module is not None and hasattr(module, name):
            return f"{module.__name__}:{name}"
    return None


_FOUND = {name: place for name in _NAMES.split() if (place := _place_of(name)) is not None}
_GONE = ("it was an internal of Theano's optimizer, and PyTensor's has other rewrites", "pytensor.graph.rewriting")

__getattr__ = _gone.getattr_of(
    __name__,
    {name: _GONE for name in ["FusionOptimizer", *_NAMES.split()] if name not in _FOUND},
    lazy={
        **_FOUND,
        **{name: f"ptembed.theano.tensor.sort:{name}" for name in ("TopKOp", "local_useless_topk")},
        **{name: f"ptembed.theano.gof:{name}" for name in ("InconsistencyError", "MethodNotDefined", "Optimizer")},
        **{
            name: f"ptembed.theano.gof:{name}"
            for name in ("Constant", "TopoOptimizer", "Variable", "graph", "opt", "toolbox")
        },
        **{name: f"ptembed.theano.{name}" for name in ("compile", "gof", "scalar")},
        **{"T": "ptembed.theano.tensor.basic", "basic": "ptembed.theano.scalar.basic"},
    },
)
