"""The optional libraries: imported where they are used, with an error that names the install."""

import importlib
from types import ModuleType

__all__ = ["needs"]


def needs(module: str, extra: str) -> ModuleType:
    """Import ``module``, which the extra ``extra`` installs.

    Raises
    ------
    ImportError
        If it is not installed.

    Examples
    --------
    >>> needs("no_such_module", "learn")
    Traceback (most recent call last):
    ImportError: This needs no_such_module, which is not installed: pip install 'ptembed[learn]'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        library = module.partition(".")[0]
        raise ImportError(f"This needs {library}, which is not installed: pip install 'ptembed[{extra}]'") from error
