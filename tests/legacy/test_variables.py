"""What the drop-in changes of the methods of PyTensor's variables, and takes back."""

import pickle

import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.graph.basic import Variable

from ptembed import legacy


@pytest.fixture
def compiled_by(monkeypatch):
    """The modes with which ``eval`` compiles."""
    modes = []
    function = pytensor.compile.maker.function

    def spy(inputs, outputs, mode=None, **options):
        modes.append(mode)
        return function(inputs, outputs, mode=mode, **options)

    monkeypatch.setattr(pytensor.compile.maker, "function", spy)
    return modes


def test_eval_compiles_once_in_the_mode_of_theanos_flags(theano, compiled_by):
    x = theano.tensor.dscalar("x")
    y = x + 1
    with theano.change_flags(linker="py"):
        assert y.eval({x: 2.0}) == 3
    assert y.eval({x: 3.0}) == 4
    (mode,) = compiled_by
    assert mode.linker == theano.Mode("py").linker


def test_eval_by_default_does_not_begin_with_numba(theano, compiled_by):
    assert theano.tensor.exp(theano.shared(0.0)).eval() == 1
    assert type(compiled_by[0].linker) is type(theano.compile.get_default_mode().linker)


def test_options_of_eval_are_pytensors(theano, compiled_by):
    x, z = theano.tensor.dscalars("xz")
    assert (x + 1).eval({"x": 2.0, z: 0.0}, on_unused_input="ignore", mode="FAST_COMPILE") == 3
    assert compiled_by == ["FAST_COMPILE"]


def test_a_variable_that_was_evaluated_can_be_pickled(theano):
    x = theano.shared(2.0) * 2
    x.eval()
    assert pickle.loads(pickle.dumps(x)).eval() == 4


def test_deactivate_gives_pytensors_eval_back(compiled_by):
    legacy.deactivate()
    own = Variable.eval
    legacy.activate()
    assert Variable.eval is not own
    legacy.deactivate()
    assert Variable.eval is own
    pt.exp(pytensor.shared(0.0)).eval(mode="FAST_COMPILE")
    assert compiled_by == ["FAST_COMPILE"]


def test_the_list_of_an_index_has_types_as_in_theano(theano):
    x, i, long = theano.tensor.matrix(), theano.tensor.iscalar(), theano.scalar.int64
    part = x[1:2:3, 4:5:6].owner
    assert part.op.idx_list == (slice(long, long, long), slice(long, long, long))
    assert part.op.idx_list != (slice(long, long, None), slice(long, long, long))
    assert x[i].owner.op.idx_list == (theano.scalar.int32,) != x[i].owner.op.idx_list[:0]
    assert x[i].owner.op.idx_list[0] == 0 and x[i].owner.op.idx_list[0] != long
    assert all(part.inputs[k].equals(theano.Constant(long, k)) for k in range(1, 7))


def test_the_list_of_an_index_is_pickled_as_pytensors(theano):
    op = theano.tensor.matrix()[1:2].owner.op
    copy = pickle.loads(pickle.dumps(op))
    assert copy == op and hash(copy) == hash(op) and type(copy.idx_list[0].start) is int
