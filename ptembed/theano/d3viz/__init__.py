"""Graphs as pages for a browser, by PyTensor's ``d3viz``; needs the packages pydot and graphviz."""

from pytensor.d3viz import d3viz, d3write

from ptembed.theano import _gone

__getattr__ = _gone.getattr_of(__name__, {"tests": ("it was of Theano's own tests", "theano.d3viz.d3viz")})
