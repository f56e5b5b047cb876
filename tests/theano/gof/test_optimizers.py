"""Optimizers that a program defines, in Theano's spelling."""

import logging

import numpy as np
import pytensor
import pytest

import ptembed.theano as theano
import ptembed.theano.tensor as T
from ptembed.theano import gof
from ptembed.theano.gof import opt
from ptembed.theano.gof.optdb import in_theanos_spelling


def ops_of(fgraph):
    return [str(node.op.scalar_op) for node in fgraph.toposort()]


def graph_of(*outputs):
    inputs = [v for v in gof.graph.inputs(outputs) if not hasattr(v, "data")]
    return gof.FunctionGraph(inputs, list(outputs), clone=True)


@gof.local_optimizer([T.exp])
def exp_to_log(node):
    return [T.log(node.inputs[0])] if node.op == T.exp else False


def test_a_local_optimizer_takes_the_node():
    x = T.dscalar("x")
    fgraph = graph_of(T.exp(T.exp(x)) + T.sin(x))
    gof.TopoOptimizer(exp_to_log).optimize(fgraph)
    assert sorted(ops_of(fgraph)) == ["add", "log", "log", "sin"]


def test_a_local_optimizer_knows_the_graph(theano):
    seen = []

    @theano.gof.local_optimizer([None])
    def look(node):
        seen.append((len(node.fgraph.apply_nodes), [i for _, i in node.inputs[0].clients]))
        return False

    x = T.dscalar("x")
    fgraph = graph_of(T.exp(x) * x)
    theano.gof.TopoOptimizer(look).apply(fgraph)
    assert seen == [(2, [0, 1]), (2, [0])]
    with pytest.raises(AttributeError):
        x.clients  # noqa: B018
    assert not hasattr(T.exp(x).owner, "fgraph")


def test_tracks_must_be_ops():
    with pytest.raises(ValueError, match="Use None"):
        gof.local_optimizer([])(lambda node: False)
    with pytest.raises(TypeError, match="must be a list of Ops"):
        gof.local_optimizer(["exp"])(lambda node: False)


def test_classes_of_optimizers():
    class ExpToSin(gof.LocalOptimizer):
        def tracks(self):
            return [T.exp]

        def transform(self, node):
            return [T.sin(node.inputs[0])] if node.op == T.exp else False

    class All(gof.Optimizer):
        def add_requirements(self, fgraph):
            fgraph.attach_feature(gof.toolbox.ReplaceValidate())

        def apply(self, fgraph):
            gof.EquilibriumOptimizer([ExpToSin()], max_use_ratio=10).optimize(fgraph)

    x = T.dscalar("x")
    fgraph = graph_of(T.exp(T.exp(x)))
    All().optimize(fgraph)
    assert ops_of(fgraph) == ["sin", "sin"]
    assert isinstance(exp_to_log, gof.LocalOptimizer)
    assert isinstance(pytensor.compile.mode.MergeOptimizer(), gof.MergeOptimizer)


@pytest.mark.parametrize(
    ("rewrite", "expected"),
    [
        (gof.OpSub(T.exp, T.sin), ["sin", "log"]),
        (gof.OpRemove(T.exp), ["log"]),
        (gof.PatternSub((T.log, (T.exp, "x")), (T.cos, "x")), ["cos"]),
        (gof.PatternSub((T.log, "x"), "x", name="no_log"), ["exp"]),
    ],
    ids=["OpSub", "OpRemove", "PatternSub", "PatternSub to a part"],
)
def test_substitutions(rewrite, expected):
    fgraph = graph_of(T.log(T.exp(T.dscalar("x"))))
    gof.TopoOptimizer(rewrite, order="out_to_in", failure_callback=None).optimize(fgraph)
    assert ops_of(fgraph) == expected


def test_op_key_optimizer_wants_a_key():
    fgraph = graph_of(T.log(T.exp(T.dscalar("x"))))
    gof.OpKeyOptimizer(gof.OpSub(T.exp, T.sin)).optimize(fgraph)
    assert ops_of(fgraph) == ["sin", "log"]
    with pytest.raises(TypeError, match="op_key"):
        gof.OpKeyOptimizer(exp_to_log)


def test_a_sequence_registers_by_position():
    database = gof.SequenceDB()
    database.register("second", opt.in2out(gof.OpSub(T.sin, T.cos)), 2, "fast_run")
    database.register("first", opt.in2out(exp_to_log, gof.OpSub(T.log, T.sin)), 1, "fast_run", "mine")
    fgraph = graph_of(T.exp(T.dscalar("x")))
    database.query(gof.Query(include=["fast_run"])).rewrite(fgraph)
    assert ops_of(fgraph) in (["cos"], ["sin"])
    assert len(database.query("+mine")) == 1


def test_the_second_face_of_a_database_is_the_same_database():
    pytensors = pytensor.graph.rewriting.db.SequenceDB()
    face = in_theanos_spelling(pytensors)
    face.register("exp_to_log", opt.out2in(exp_to_log), 5, "fast_run")
    assert "exp_to_log" in pytensors and "fast_run" in pytensors
    assert in_theanos_spelling(None) is None


def test_an_optimizer_of_ones_own_is_used_by_a_mode():
    x = T.dscalar("x")
    mode = theano.Mode("py", opt.out2in(exp_to_log))
    assert theano.function([x], T.exp(x), mode=mode)(1.0) == 0


def test_features():
    x = T.dscalar("x")
    fgraph = graph_of(T.exp(x) + T.log(x))
    fgraph.attach_feature(gof.NodeFinder())
    assert [node.op for node in fgraph.get_nodes(T.exp)] == [T.exp]
    gof.TopoOptimizer(exp_to_log).optimize(fgraph)
    assert fgraph.get_nodes(T.exp) == []


def test_print_listener_prints_changes(capsys):
    fgraph = graph_of(T.exp(T.dscalar("x")))
    fgraph.attach_feature(gof.PrintListener())
    gof.TopoOptimizer(exp_to_log).optimize(fgraph)
    said = capsys.readouterr().out
    assert "-- importing: " in said and "-- pruning: " in said


def test_check_chain():
    x = T.dscalar("x")
    y = T.exp(T.log(x))
    assert opt.check_chain(y, T.exp, T.log)
    assert not opt.check_chain(y, T.exp, T.exp)
    assert opt.check_chain(y.owner, type(T.exp), lambda op: op == T.log)


def test_stack_traces_are_inherited():
    x = T.dscalar("x")
    with opt.inherit_stack_trace(x):
        y = T.exp(x)
    assert y.tag.trace[-1] == x.tag.trace[-1]


def test_an_error_in_an_optimizer_is_reported(caplog):
    @gof.local_optimizer([T.exp])
    def broken(node):
        raise RuntimeError("broken")

    fgraph = graph_of(T.exp(T.dscalar("x")))
    with theano.change_flags(on_opt_error="warn"), caplog.at_level(logging.ERROR):
        opt.out2in(broken).optimize(fgraph)
    assert "broken" in caplog.text
    np.testing.assert_equal(ops_of(fgraph), ["exp"])
