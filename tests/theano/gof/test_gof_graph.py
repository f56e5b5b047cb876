"""Walks over graphs give what they gave on Theano, in its order."""

import json
from pathlib import Path

import pytest
from walks import SEEDS, walks

import ptembed.theano as theano
import ptembed.theano.tensor as T
from ptembed.theano.gof import graph

RECORD = json.loads((Path(__file__).parent / "walks.json").read_text())


@pytest.mark.parametrize("seed", SEEDS)
def test_walks_are_theanos(seed):
    assert walks(seed, theano) == RECORD[str(seed)]


def test_parameters_come_in_the_order_of_their_use():
    shared = [theano.shared(1.0, name) for name in "abc"]
    cost = shared[1] * shared[0] + shared[2]
    found = [v for v in graph.inputs([cost]) if isinstance(v, theano.compile.SharedVariable)]
    assert [v.name for v in found] == ["b", "a", "c"]


def test_orderings_are_kept_and_circles_are_refused():
    x = T.dscalar("x")
    first, second = T.exp(x).owner, T.log(x).owner
    outputs = [first.outputs[0], second.outputs[0]]
    assert graph.io_toposort([x], outputs, orderings={first: [second]}) == [second, first]
    assert graph.io_toposort([x], outputs, orderings={second: [first]}) == [first, second]
    with pytest.raises(ValueError, match="cycles"):
        graph.io_toposort([x], outputs, orderings={second: [first], first: [second]})


def test_is_same_graph_replaces_givens():
    x, y, z = T.dvectors("x", "y", "z")
    assert graph.is_same_graph(x * 2, x * 2)
    assert not graph.is_same_graph(x * 2, y * 2)
    assert graph.is_same_graph(x * 2, y * 2, givens={x: y})
    assert not graph.is_same_graph(x * 2, y * 3, givens={x: y})
    assert graph.is_same_graph(x * x + z, x * y + x * z, givens=[(y, x), (z, x * z)]) is False


def test_clone_copies_what_it_is_told_to():
    x, one = T.dscalar("x"), T.constant(1.0)
    y = x + one
    (new_x,), (new_y,) = graph.clone([x], [y])
    assert new_x is not x and new_y.owner.inputs[0] is new_x and new_y.owner.inputs[1] is not one
    (same_x,), (new_y,) = graph.clone([x], [y], copy_inputs=False)
    assert same_x is x and new_y is not y and new_y.owner.inputs[1] is one


def test_view_roots_and_ancestors_of_nodes():
    x = T.dmatrix("x")
    node = T.exp(x.T.dimshuffle(1, 0)).owner
    assert graph.view_roots(node.inputs[0]) == [x]
    assert graph.is_in_ancestors(node, node.inputs[0].owner)
    assert not graph.is_in_ancestors(node.inputs[0].owner, node)


def test_nodes_constructed_lists_variables_in_the_block():
    with graph.nodes_constructed() as made:
        x = T.dscalar("x")
        y = T.exp(x)
    z = T.log(x)
    assert {x, y} <= set(made) and z not in made
