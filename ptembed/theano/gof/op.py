"""Ops in Theano's protocol."""

from pytensor.graph.op import Op
from pytensor.graph.rewriting.basic import _logger
from pytensor.link.c.interface import CLinkerObject
from pytensor.link.c.op import CLinkerOp, COp, OpenMPOp
