"""Graphs, Ops and their optimisation."""

from ptembed.theano.gof import (
    destroyhandler,
    fg,
    graph,
    link,
    null_type,
    op,
    opt,
    optdb,
    params_type,
    toolbox,
    type,
    utils,
)
