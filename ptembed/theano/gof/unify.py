"""Unification of patterns."""

from ptembed.theano import _gone

_WHY = ("PyTensor's patterns are matched by the library `unification`", "theano.gof.opt.PatternSub")
_NAMES = ("BoundVariable", "FVar", "FreeVariable", "NV", "NotVariable", "OrV", "OrVariable", "Unification", "V", "Var")
_NAMES += ("Variable", "VariableInList", "unify", "unify_build", "unify_merge", "unify_walk", "var_lookup")

__getattr__ = _gone.getattr_of(__name__, dict.fromkeys(_NAMES, _WHY))
