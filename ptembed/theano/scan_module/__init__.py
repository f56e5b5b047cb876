"""Loops in the graph. Read :mod:`ptembed.theano.scan_module.scan` first."""

from ptembed.theano.scan_module import scan_op, scan_opt, scan_utils, scan_views
from ptembed.theano.scan_module.scan import scan
from ptembed.theano.scan_module.scan_checkpoints import scan_checkpoints
from ptembed.theano.scan_module.scan_utils import clone, until
from ptembed.theano.scan_module.scan_views import foldl, foldr, map, reduce
from ptembed.theano.updates import OrderedUpdates
