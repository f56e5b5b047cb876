"""Functions, modes and shared variables."""

from pytensor.compile.builders import OpFromGraph
from pytensor.compile.io import In, Out
from pytensor.compile.ops import DeepCopyOp, ViewOp, deep_copy_op, view_op
from pytensor.compile.sharedvalue import SharedVariable, shared_constructor

from ptembed.theano.compile.function import function
from ptembed.theano.compile.mode import FAST_COMPILE, FAST_RUN, Mode, get_default_mode, get_mode
from ptembed.theano.compile.sharedvalue import shared
