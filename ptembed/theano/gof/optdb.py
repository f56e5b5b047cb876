"""Databases of rewrites."""

from pytensor.graph.rewriting.db import EquilibriumDB, LocalGroupDB, ProxyDB, SequenceDB, StringIO, TopoDB
