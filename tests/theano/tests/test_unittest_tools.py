"""The helpers that programs import from Theano's tests."""

import io
import unittest

import numpy as np
import pytest

from ptembed.theano import change_flags, config, function
from ptembed.theano import tensor as T
from ptembed.theano.tests import unittest_tools as utt
from ptembed.theano.tests.disturb_mem import disturb_mem
from ptembed.theano.tests.record import MismatchError, Record, RecordMode


@pytest.fixture(autouse=True)
def flags():
    with change_flags(linker="py", floatX="float64"):
        yield


def test_seed_is_that_of_the_flag():
    assert utt.fetch_seed() == 666 and utt.fetch_seed(3) == 3
    assert utt.seed_rng() == 666
    first = np.random.rand()
    utt.seed_rng()
    assert np.random.rand() == first


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("flag", ["random", "", "many"])
def test_no_seed(flag):
    with change_flags(**{"unittests.rseed": flag}):
        assert utt.fetch_seed() is None


def test_gradient_is_verified():
    utt.verify_grad(lambda x: T.sum(T.sin(x)), [np.arange(3.0)])
    with pytest.raises(utt.verify_grad.E_grad):
        utt.verify_grad(lambda x: T.sum(wrong_square(x)), [np.arange(3.0)])


def wrong_square(x):
    from ptembed.theano.gradient import zero_grad

    return x * zero_grad(x)


def test_allclose():
    utt.assert_allclose(np.ones(2), np.ones(2) + 1e-9)
    utt.assert_allclose(np.ones(2), np.ones(2) + 0.1, atol=0.2)
    with pytest.raises(utt.WrongValue) as wrong:
        utt.assert_allclose(np.ones(2), np.array([1.0, 2.0]), rtol=1e-3)
    assert "absolute difference: max 1.0, mean 0.5" in str(wrong.value) and "rtol, atol: 0.001" in str(wrong.value)


def test_diagnostic_of_unlike_shapes():
    assert "shape (3,)" in utt.str_diagnostic(np.ones(2), np.ones(3), None, None)


def test_random_state_of_one_value():
    low, high = utt.MockRandomState(0), utt.MockRandomState(0.99)
    assert low.rand(2, 3).tolist() == [[0] * 3] * 2 and high.rand() == 0.99
    assert low.randint(2, 5, 2).tolist() == [2, 2] and high.randint(5, size=(1, 2)).tolist() == [[4, 4]]


def test_marks():
    @utt.attr("slow", speed=3)
    def test(): ...

    assert test.slow is True and test.speed == 3


class Shapes(utt.InferShapeTester):
    def runTest(self): ...


def test_infer_shape(caplog):
    case = Shapes()
    case.setUp()
    x, y = T.dmatrices("x", "y")
    case._compile_and_check([x, y], [T.dot(x, y)], [np.ones((2, 3)), np.ones((3, 4))], T.Dot, excluding=["BlasOpt"])
    assert not caplog.records
    with pytest.raises(AssertionError, match="is not in the graph that is tested"):
        case._compile_and_check([x], [x * 2], [np.ones((2, 3))], T.Dot)


def test_infer_shape_warns_of_equal_sizes(caplog):
    case = Shapes()
    case.setUp()
    x = T.dmatrix("x")
    case._compile_and_check([x], [T.dot(x, x)], [np.ones((2, 2))], T.Dot, excluding=["BlasOpt"])
    assert "sizes that differ would show" in caplog.text


def test_ops_of_a_function():
    x = T.dvector("x")
    f = function([x], T.exp(x), mode="FAST_COMPILE")
    mixin = utt.TestOptimizationMixin()
    mixin.assertFunctionContains1(f, T.exp)
    mixin.assertFunctionContains0(f, T.log)
    mixin.assertFunctionContainsClassN(f, T.Elemwise, 1)
    with pytest.raises(AssertionError, match="2 to 2 times, got 1"):
        mixin.assertFunctionContainsN(f, T.exp, 2)
    with pytest.raises(unittest.SkipTest):
        mixin.SkipTest()


class Contract(utt.T_OpContractMixin):
    def __init__(self, *ops):
        self.ops = ops

    def clone(self, op):
        return T.Elemwise(op.scalar_op)


def test_op_contract():
    for check in ("test_eq", "test_hash", "test_name"):
        getattr(Contract(T.Elemwise(T.exp.scalar_op), T.Elemwise(T.log.scalar_op)), check)()
    with pytest.raises(AssertionError):
        Contract(T.exp, T.exp).test_eq()


def test_attempts():
    seeds = []

    @utt.AttemptManyTimes(n_attempts=4, n_req_successes=2)
    def test(needed):
        seeds.append(config.unittests.rseed)
        assert len(seeds) >= needed

    test(2)
    assert seeds == ["666", "667", "668"] and config.unittests.rseed == "666"
    seeds.clear()
    with pytest.raises(AssertionError):
        test(4)
    with pytest.raises(ValueError, match="n_attempts must be at least n_req_successes"):
        utt.AttemptManyTimes(1, 2)


def test_attempts_prepare_a_test_case_each_time():
    class Case(unittest.TestCase):
        calls = []

        def setUp(self):
            self.calls.append("set up")

        def tearDown(self):
            self.calls.append("tear down")

        @utt.AttemptManyTimes(2)
        def test(self):
            self.calls.append("test")
            assert len(self.calls) > 3

    Case("test").test()
    assert Case.calls == ["set up", "test", "tear down"] * 2


def test_memory_is_disturbed():
    assert disturb_mem() is None


def record(value, mode_of, output):
    i = T.iscalar("i")
    f = function([i], i * 2 + 1, mode=mode_of(output), name="f")
    f(value)


def test_a_record_is_replayed():
    output = io.StringIO()
    record(3, lambda file: RecordMode(Record(file_object=file)), output)
    assert output.getvalue().startswith("Function f has ")
    record(3, lambda file: RecordMode(file_object=file, replay=True), io.StringIO(output.getvalue()))
    with pytest.raises(MismatchError, match="where the earlier one wrote"):
        record(4, lambda file: RecordMode(file_object=file, replay=True), io.StringIO(output.getvalue()))


def test_bad_records():
    with pytest.raises(ValueError, match="file_object or file_path"):
        Record()
    with pytest.raises(ValueError, match="one line"):
        Record(file_object=io.StringIO()).handle_line("a\nb\n")
    with pytest.raises(TypeError, match="leave out replay"):
        RecordMode(Record(file_object=io.StringIO()), replay=True)


def test_record_in_a_file(tmp_path):
    recorder = Record(file_path=tmp_path / "record")
    recorder.handle_line("a\n")
    recorder.f.close()
    replay = Record(file_path=tmp_path / "record", replay=True)
    replay.handle_line("a\n")
    with pytest.raises(MismatchError):
        replay.handle_line("b\n")
    replay.f.close()
