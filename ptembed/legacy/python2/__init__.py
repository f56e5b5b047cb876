"""Python 2 sources, translated when they are imported.

Only below folders that were named: the script's (:mod:`ptembed.legacy.runner`), those of ``--path`` and of the variable
``PTEMBED_PATH``, and those that a program gives to :func:`translate`. Which sources are Python 2 is decided by the rule
in :mod:`ptembed.legacy.python2.kind`; :func:`translate` and the variable ``PTEMBED_PYTHON`` (``2`` or ``3``) settle it
for all of them. Nothing is written beside the sources.

The order of the work: :mod:`~ptembed.legacy.python2.source` parses, :mod:`~ptembed.legacy.python2.meaning` puts in what
Python 2 meant, :mod:`~ptembed.legacy.python2.cache` keeps the result, and the module runs with the names of
:mod:`~ptembed.legacy.python2.builtin_names`.
"""

from ptembed.legacy.python2.finder import ONLY_PYTHON2, Python2Loader, new_module, stop, translate
from ptembed.legacy.python2.translation import code_of, compiled, tree_of

__all__ = ["ONLY_PYTHON2", "Python2Loader", "code_of", "compiled", "new_module", "stop", "translate", "tree_of"]
