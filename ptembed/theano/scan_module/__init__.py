"""Loops in the graph."""

from pytensor.scan.utils import until

from ptembed.theano.scan_module.scan import scan
from ptembed.theano.updates import OrderedUpdates
