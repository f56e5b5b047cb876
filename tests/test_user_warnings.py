"""A warning shows the line of the program."""

import types
import warnings

from ptembed.user_warnings import warn_user


def of_module(name, call):
    """A function of a module, in the second line of its file, that calls ``call``."""
    module = types.ModuleType(name)
    module.call = call
    exec(compile("def function(text):\n    call(text)", f"{name}.py", "exec"), vars(module))
    return module.function


def shown(warn, action="always"):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter(action)
        warn("why")
        warn("why")
    return [(warning.filename, warning.lineno, str(warning.message)) for warning in caught]


def test_the_program_is_shown_not_the_libraries():
    libraries = of_module("theano", of_module("pytensor.compile.maker", of_module("ptembed.rewrites.some", warn_user)))
    assert shown(of_module("program", libraries)) == [("program.py", 2, "why")] * 2


def test_a_line_of_the_program_is_shown_once():
    assert shown(of_module("program", warn_user), "default") == [("program.py", 2, "why")]
