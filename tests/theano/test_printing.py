"""Graphs as text; the texts are those of real Theano 1.0.5."""

import shutil

import numpy as np
import pytest

import ptembed.theano as theano
import ptembed.theano.tensor as T
from ptembed.theano.printing import Print, debugprint, hex_digest, min_informative_str, pp, var_descriptor


@pytest.fixture
def xy():
    return T.dmatrix("x"), T.dmatrix("y")


def text(obj, **options):
    return [line.rstrip() for line in debugprint(obj, file="str", **options).splitlines()]


def test_debugprint(xy):
    x, y = xy
    z = x * y
    assert text([x + z, z]) == [
        "Elemwise{add,no_inplace} [id A] ''",
        " |x [id B]",
        " |Elemwise{mul,no_inplace} [id C] ''",
        "   |x [id B]",
        "   |y [id D]",
        "Elemwise{mul,no_inplace} [id C] ''",
    ]


def test_debugprint_options(xy):
    x, y = xy
    z = x * y
    z.name = "z"
    assert text(z + 1, ids="int", stop_on_name=True)[1] == " |Elemwise{mul,no_inplace} [id 1] 'z'"
    assert text(x, print_type=True) == ["x [id A] <TensorType(float64, matrix)>"]
    assert text(z, depth=1, ids="") == ["Elemwise{mul,no_inplace}  'z'"]
    assert text(T.constant(np.ones((1, 2)))) == ["TensorConstant{(1, 2) of 1.0} [id A]"]
    with pytest.raises(TypeError, match="depth must be"):
        debugprint(z, depth="1")


def test_debugprint_of_a_function_has_the_order_and_the_values(xy):
    x, y = xy
    function = theano.function([x, y], x + y, mode="FAST_COMPILE")
    assert text(function)[0] == "Elemwise{add,no_inplace} [id A] ''   0"
    assert text(function, print_storage=True)[1].startswith(" |x [id B] [")


def test_debugprint_shows_the_steps_of_a_scan():
    sums, _ = theano.scan(lambda x, s: x + s, T.dvector("xs"), T.constant(0.0, dtype="float64"))
    lines = text(sums)
    assert "Inner graphs of the scan ops:" in lines
    assert any(line.startswith(" >Elemwise{add,no_inplace}") for line in lines)


def test_pp(xy):
    x, y = xy
    assert pp(T.exp(x) + 2 * y) == "(exp(x) + (TensorConstant{2} * y))"
    assert pp(T.dvector()[1]) == "<TensorType(float64, vector)>[Constant{1}]"


def test_min_informative_str_and_var_descriptor(xy):
    x, y = xy
    z = x * y
    assert min_informative_str(z + z).splitlines() == [
        "A. Elemwise{add,no_inplace}",
        " B. Elemwise{mul,no_inplace}",
        "  C. x",
        "  D. y",
        " <B>",
    ]
    assert var_descriptor(x + z) == "A=Elemwise{add,no_inplace}(B=x,C=Elemwise{mul,no_inplace}(<B>,D=y))"
    assert hex_digest(np.ones(2)).endswith("|strides=[8]|shape=[2]")


@pytest.mark.parametrize("linker", ["py", "cvm"])
def test_print_prints_when_it_is_computed(xy, capsys, linker):
    x, _ = xy
    y = Print("got", attrs=("shape",))(x)
    with theano.change_flags(linker=linker):
        function = theano.function([x], [y, theano.grad(y.sum(), x)])
    values, gradient = function(np.zeros((2, 3)))
    assert "got shape = (2, 3)" in capsys.readouterr().out
    assert values.shape == gradient.shape == (2, 3)


def test_pydotprint_draws_the_graph(tmp_path):
    pytest.importorskip("pydot", reason="pydot draws the graphs")
    if shutil.which("dot") is None:
        pytest.skip("graphviz's program dot is not installed")
    x = T.matrix("x")
    theano.printing.pydotprint(
        T.tanh(x).sum(), outfile=str(tmp_path / "graph.dot"), format="dot", print_output_file=False
    )
    drawing = (tmp_path / "graph.dot").read_text()
    assert "digraph" in drawing and "tanh" in drawing.lower()


def test_pydotprint_says_what_is_missing(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match="pydot"):
        theano.printing.pydotprint(T.matrix("x") * 2, outfile="graph.dot", format="dot")
