"""Who may overwrite which variable."""

from pytensor.graph.destroyhandler import DestroyHandler, ProtocolError, _build_droot_impact, _contains_cycle
