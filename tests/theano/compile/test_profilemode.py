"""``ProfileMode`` measures its functions."""

import numpy as np
import pytest
from pytensor.compile.debug import profiling


@pytest.fixture
def mode(theano):
    made = theano.ProfileMode(linker="py", optimizer="fast_run", profile_stats=None)
    yield made
    for profile in made.profiles:
        profiling._atexit_print_list.remove(profile)


def test_it_is_where_old_programs_look_for_it(theano):
    from theano.compile.profilemode import ProfileMode

    assert theano.ProfileMode is theano.compile.ProfileMode is ProfileMode and issubclass(ProfileMode, theano.Mode)


def test_functions_are_measured_and_printed(theano, mode, capfd):
    x = theano.tensor.dvector("x")
    twice = theano.function([x], 2 * x, mode=mode, name="twice")
    assert list(twice(np.ones(2))) == [2, 2] and twice(np.ones(1)) == [2]
    assert [profile.fct_callcount for profile in mode.profiles] == [2]
    mode.print_summary()
    assert "Message: twice" in capfd.readouterr().err


def test_a_profile_that_is_given_comes_first(theano, mode):
    x = theano.tensor.dscalar("x")
    theano.function([x], x, mode=mode, profile=False)
    assert mode.profiles == []
