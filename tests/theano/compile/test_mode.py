"""Modes by name, and modes of the user's."""

import pickle

import numpy as np
import pytensor
import pytest

from ptembed.theano import Mode, change_flags, config, function
from ptembed.theano import tensor as T
from ptembed.theano.compile import DebugMode, MonitorMode
from ptembed.theano.compile.mode import get_mode, optdb, predefined_modes, register_mode
from ptembed.theano.compile.nanguardmode import NanGuardMode
from ptembed.theano.gof import Query

x, v = T.dscalar("x"), T.dvector("v")


def test_a_mode_takes_what_it_is_not_given_from_the_flags():
    with change_flags(linker="py", optimizer="None"):
        mode = Mode()
        assert type(mode.linker).__name__ == "PerformLinker"
        assert len(function([x], x * 1 + 0, mode=mode).maker.fgraph.apply_nodes) >= 2
    assert Mode("vm", "merge").including("fast_run").provided_linker is not None


@pytest.mark.parametrize("linker", ["py", "vm"])
def test_nodes_are_not_fused_for_python_however_the_mode_is_named(linker):
    with change_flags(linker=linker):
        modes = [Mode(linker, "fast_run"), Mode(optimizer="fast_run"), get_mode("FAST_RUN"), get_mode()]
        compiled = [function([v], T.exp(v) * 2 + v, mode=mode).maker.fgraph for mode in modes]
    assert [len(graph.apply_nodes) for graph in compiled] == [3] * 4
    fused = function([v], T.exp(v) * 2 + v, mode=Mode(linker, Query(include=["fast_run"]))).maker.fgraph
    assert len(fused.apply_nodes) == 1


def test_a_mode_comes_back_from_a_pickle():
    mode = pickle.loads(pickle.dumps(Mode("py", "fast_compile")))
    assert function([x], x * 2, mode=mode)(2) == 4


def test_a_registered_mode_is_found_by_name():
    mode = Mode("py", None)
    register_mode("of the test", mode)
    try:
        assert get_mode("of the test") is mode
        with pytest.raises(ValueError, match="already taken"):
            register_mode("FAST_RUN", mode)
    finally:
        del predefined_modes["of the test"]


def test_rewrites_that_the_flags_name_are_for_the_default_mode():
    with change_flags(optimizer_excluding="fusion"):
        assert "fusion" in get_mode()._optimizer.exclude
        assert "fusion" not in get_mode("FAST_COMPILE")._optimizer.exclude


def test_all_modes_are_modes():
    class Own(Mode):
        """A user's."""

    for mode in (
        get_mode("FAST_COMPILE"),
        get_mode("FAST_RUN"),
        get_mode("DebugMode"),
        get_mode(),
        MonitorMode(),
        Own(),
    ):
        assert isinstance(mode, Mode)
        assert isinstance(mode, Own) == (type(mode) is Own)
    assert issubclass(DebugMode, Mode) and not issubclass(int, Mode)
    assert isinstance(Own("py").including("fusion"), Own)


def test_names_of_modes_that_check():
    assert isinstance(get_mode("DebugMode"), DebugMode)
    assert isinstance(get_mode("DEBUG_MODE"), DebugMode)
    assert isinstance(get_mode("NanGuardMode"), NanGuardMode)
    with pytest.raises(ValueError, match="No predefined mode exist for string: FOO"):
        get_mode("FOO")


@pytest.mark.parametrize("wrong", ["FOO", "ProfileMode"])
def test_the_flag_takes_modes_alone(wrong):
    with pytest.raises(ValueError):
        config.mode = wrong
    mode = Mode("py", None)
    with change_flags(mode=mode):
        assert get_mode() is mode


def test_the_database_of_rewrites_is_pytensors():
    assert vars(optdb) is vars(pytensor.compile.mode.optdb)


def test_monitor_mode_calls_before_and_after_each_node():
    seen = []

    def note(i, node, fn):
        seen.append((i, type(node.op).__name__, [cell[0] for cell in fn.inputs]))

    mode = MonitorMode(pre_func=note, post_func=note).excluding("fusion")
    assert function([v], T.exp(v).sum(), mode=mode)([0.0, 0.0]) == 2
    assert [i for i, *_ in seen] == [0, 0, 1, 1]


def test_detect_nan_prints_the_node(capsys):
    from ptembed.theano.compile.monitormode import detect_nan

    f = function([x], T.log(x) * x, mode=MonitorMode(post_func=detect_nan))
    with np.errstate(all="ignore"):
        f(0)
    assert "*** NaN detected ***" in capsys.readouterr().out
