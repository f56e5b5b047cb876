"""Attributes that are set for a while."""

from types import ModuleType

import pytest

from ptembed.legacy.changes import Changes


class Parent:
    inherited = "of the parent"


@pytest.fixture
def child():
    class Child(Parent):
        own = property(lambda self: "a property")

    return Child


def test_everything_is_put_back(child):
    before = dict(vars(child))
    changes = Changes()
    for name in ("own", "inherited", "new"):
        changes.set(child, name, "changed")
    assert (child.own, child.inherited, child.new) == ("changed",) * 3
    changes.undo()
    assert dict(vars(child)) == before and child.inherited == "of the parent"


def test_what_is_set_stays_until_undone(child):
    changes = Changes()
    changes.set(child, "own", 1)
    changes.set(child, "own", 2)
    assert child.own == 1


def test_adding_leaves_what_is_there(child):
    changes = Changes()
    for name in ("own", "inherited", "new"):
        changes.add(child, name, "changed")
    assert (child().own, child.inherited, child.new) == ("a property", "of the parent", "changed")


def test_modules_and_functions_too():
    def f(a, b=1):
        return a, b

    module, changes = ModuleType("m"), Changes()
    changes.set(f, "__defaults__", (0, 1))
    changes.set(module, "x", 2)
    assert f() == (0, 1) and module.x == 2
    changes.undo()
    assert f.__defaults__ == (1,) and not hasattr(module, "x")
