"""Results of calls, kept in a file."""

import contextlib
import os
import pickle

from ptembed.whole_files import write_whole

__all__ = ["CallCache"]


class CallCache:
    """Keeps the result of ``call(fn, args)`` by the function's name and the arguments.

    Parameters
    ----------
    filename : str, optional
        Is read first, and written by :meth:`persist`.
    """

    def __init__(self, filename=None):
        self.filename, self.cache = filename, {}
        if filename is not None and os.path.exists(filename):
            with open(filename, "rb") as file:
                self.cache = pickle.load(file)

    def persist(self, filename=None) -> None:
        """Write what is kept to the file."""
        write_whole(self.filename if filename is None else filename, lambda file: pickle.dump(self.cache, file))

    def call(self, fn, args=(), key=None):
        """Give ``fn(*args)``, computed once for each ``key``, which is ``(fn, args)`` by default."""
        key = (fn, tuple(args)) if key is None else key
        if key not in self.cache:
            self.cache[key] = fn(*args)
        return self.cache[key]

    def __del__(self):
        if self.filename:
            with contextlib.suppress(Exception):  # the interpreter may be going down
                self.persist()
