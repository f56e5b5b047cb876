"""Graphs as pages for a browser, by PyTensor's ``d3viz``; needs the packages pydot and graphviz."""

from pytensor.d3viz import d3viz, d3write
