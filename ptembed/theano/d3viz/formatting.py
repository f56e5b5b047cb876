"""Graphs as ones of pydot; see :mod:`pytensor.d3viz.formatting`."""

from importlib.util import find_spec

from pytensor.d3viz.formatting import PyDotFormatter, apply_label, apply_profile, type_to_str, var_label, var_tag

pydot_imported = find_spec("pydot") is not None
