"""Makes ``import theano`` the drop-in: importing this module puts :mod:`ptembed.theano` in its place."""

import ptembed.legacy

ptembed.legacy.activate()
