"""The inputs of functions."""

import pytest

from ptembed.theano import In, Param, function
from ptembed.theano import tensor as T

x, v = T.dscalar("x"), T.dvector("v")


def test_an_update_makes_an_input_mutable():
    assert (In(x).mutable, In(x, update=x + 1).mutable, In(x, update=x + 1, mutable=False).mutable) == (
        False,
        True,
        False,
    )


def test_an_input_is_called_as_its_variable_or_otherwise_or_not():
    assert [In(x).name, In(x, name="q").name, In(x, autoname=False).name] == ["x", "q", None]


def test_an_update_may_have_a_length_that_is_known_to_be_one():
    f = function([In(v, value=[1.0, 2.0], update=T.ones_like(v[:1]))], v)
    assert (f().tolist(), f().tolist()) == ([1, 2], [1])


@pytest.mark.parametrize(
    ("kwargs", "kind", "text"),
    [
        ({"update": v}, TypeError, "an update of type"),
        ({"name": ["x"]}, TypeError, "name must be a string"),
        ({"implicit": True}, TypeError, "must be given a default value"),
        ({"mutable": True, "borrow": False}, AssertionError, "mutable=True, borrow=False for x"),
    ],
)
def test_what_cannot_be(kwargs, kind, text):
    with pytest.raises(kind, match=text):
        In(x, **kwargs)


def test_param_is_in_under_its_older_name():
    with pytest.warns(UserWarning, match="Param class is deprecated"):
        given = Param(x, default=2.0)
    assert isinstance(given, In)
    assert function([given], x * 2)() == 4
