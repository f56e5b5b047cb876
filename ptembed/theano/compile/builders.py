"""Ops made of graphs."""

from pytensor.compile.builders import OpFromGraph
