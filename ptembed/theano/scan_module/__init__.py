"""Loops in the graph."""

from ptembed.theano.scan_module.scan import scan
from ptembed.theano.scan_module.scan_utils import clone, until
from ptembed.theano.scan_module.scan_views import foldl, foldr, map, reduce
from ptembed.theano.updates import OrderedUpdates
