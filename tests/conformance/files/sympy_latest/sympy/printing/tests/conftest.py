"""SymPy's code for Theano warns that it is old; the tests ask from which line, which fails with real Theano as well."""

import sympy.testing.pytest
from sympy.utilities.exceptions import SymPyDeprecationWarning, ignore_warnings


def warns_deprecated_sympy():
    return ignore_warnings(SymPyDeprecationWarning)


sympy.testing.pytest.warns_deprecated_sympy = warns_deprecated_sympy
