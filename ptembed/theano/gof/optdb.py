"""Databases of rewrites, registered in Theano's spelling.

``db.register(name, optimizer, *tags)``, and for a sequence ``db.register(name, optimizer, position, *tags)``.
"""

import pytensor.graph.rewriting.db as db
from pytensor.graph.rewriting.db import RewriteDatabase as DB
from pytensor.graph.rewriting.db import RewriteDatabaseQuery as Query

__all__ = [
    "DB",
    "EquilibriumDB",
    "LocalGroupDB",
    "ProxyDB",
    "Query",
    "SequenceDB",
    "TopoDB",
    "in_theanos_spelling",
]


class SequenceDB(db.SequenceDB):
    """Optimizers that are applied one after the other, by position."""

    def register(self, name, obj, position="last", *tags, **kwargs):
        super().register(name, obj, *tags, position=position, **kwargs)

    def __getitem__(self, name):
        return in_theanos_spelling(super().__getitem__(name))


class LocalGroupDB(db.LocalGroupDB):
    """Local optimizers as a group, of which the first that does something counts, or all."""

    def __init__(self, apply_all_opts=False, profile=False, local_opt=None):
        kinds = {} if local_opt is None else {"node_rewriter": local_opt}
        super().__init__(apply_all_rewrites=apply_all_opts, profile=profile, **kinds)


class EquilibriumDB(db.EquilibriumDB):
    """Optimizers that are applied until none does anything."""

    def register(self, name, obj, *tags, final_opt=False, cleanup=False, **kwargs):
        super().register(name, obj, *tags, final_rewriter=final_opt, cleanup=cleanup, **kwargs)


TopoDB = db.TopoDB
ProxyDB = db.ProxyDB

_THEANOS = {db.SequenceDB: SequenceDB, db.LocalGroupDB: LocalGroupDB, db.EquilibriumDB: EquilibriumDB}


def in_theanos_spelling(database):
    """Give a second face of one of PyTensor's databases: what is registered by it is in that database.

    Parameters
    ----------
    database : pytensor.graph.rewriting.db.RewriteDatabase or Rewriter
        Anything else than a database of PyTensor's is given back as it is.
    """
    face = _THEANOS.get(type(database))
    if face is None:
        return database
    made = face.__new__(face)
    made.__dict__ = database.__dict__
    return made
