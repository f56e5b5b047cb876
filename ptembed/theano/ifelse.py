"""A branch that is computed only when it is taken."""

from ptembed._pytensor import IfElse
from ptembed.theano import _gone

__all__ = ["IfElse", "ifelse"]


def ifelse(condition, then_branch, else_branch, name=None):
    """``then_branch`` where ``condition`` is not zero, ``else_branch`` otherwise; only the one taken is computed.

    Parameters
    ----------
    condition : scalar
    then_branch, else_branch : variable, or list or tuple of as many
        Of the same dtypes and numbers of dimensions; shapes may differ.
    name : str, optional
        The name of the Op.

    Returns
    -------
    variable, list or tuple
        As ``then_branch``.

    Raises
    ------
    ValueError
        If the branches are not equally many.
    TypeError
        If their types differ.
    """
    several = isinstance(then_branch, list | tuple)
    then_list = list(then_branch) if several else [then_branch]
    else_list = list(else_branch) if isinstance(else_branch, list | tuple) else [else_branch]
    if len(then_list) != len(else_list):
        raise ValueError(
            "The number of values on the `then` branch must be that on the `else` branch, "
            f"got {len(then_list)} and {len(else_list)}."
        )
    op = IfElse(n_outs=len(then_list), as_view=False, name=name)
    found = op(condition, *then_list, *else_list, return_list=True)
    return type(then_branch)(found) if several else found[0]


_WHY = ("PyTensor has other optimizers for it", "theano.ifelse.ifelse, which PyTensor optimizes")
_OPTIMIZERS = ("CondMerge", "cond_make_inplace", "cond_merge_ifs_false", "cond_merge_ifs_true", "cond_merge_random_op")
_OPTIMIZERS += ("acceptable_ops", "cond_remove_identical", "ifelse_lift_single_if_through_acceptable_ops")

__getattr__ = _gone.getattr_of(__name__, dict.fromkeys(_OPTIMIZERS, _WHY))
