"""``theano.config``: Theano's flags, as attributes, from ``THEANO_FLAGS``, ``.theanorc`` and assignments.

The flags themselves are in :mod:`ptembed.theano.configdefaults`. A flag that PyTensor has is PyTensor's flag; there is
no second copy of ``floatX``. As in Theano, ``THEANO_FLAGS`` wins over ``.theanorc`` (``THEANORC`` may name other
files), and both are read once, when ``theano`` is imported.
"""

import configparser as ini
import functools
import os
import shlex
import warnings

from pytensor.configdefaults import config as pytensor_config

from ptembed.theano.configdefaults import FORWARDED, KNOWN, OWN, VALUES

__all__ = ["TheanoConfigParser", "TheanoConfigWarning", "change_flags", "config", "parse_config_string"]


class TheanoConfigWarning(Warning):
    """Something in ``THEANO_FLAGS`` or ``.theanorc`` has no effect."""


class TheanoConfigParser:
    """The flags as attributes; ``config.blas.ldflags`` is the flag ``blas.ldflags``.

    Reading a name that is not a flag raises ``AttributeError``, setting one makes a plain attribute, both as in Theano.
    A value that a flag does not take raises ``ValueError``.
    """

    def __init__(self, prefix: str = "", store: dict | None = None):
        vars(self).update(_prefix=prefix, _store={} if store is None else store)

    def __getattr__(self, name: str):
        flag = self._prefix + name
        if flag in KNOWN:
            return self._get(flag)
        if any(known.startswith(flag + ".") for known in KNOWN):
            return TheanoConfigParser(flag + ".", self._store)
        raise AttributeError(f"theano.config has no flag {flag}: Theano 1.0.5 had none of that name.")

    def __setattr__(self, name: str, value) -> None:
        flag = self._prefix + name
        if flag in KNOWN:
            self._set(flag, value)
        else:
            vars(self)[name] = value

    def _get(self, flag: str):
        if flag in FORWARDED:
            return getattr(pytensor_config, flag.replace(".", "__"))
        return self._store.get(flag, KNOWN[flag])

    def _set(self, flag: str, value) -> None:
        value = _converted(flag, value)
        if flag in FORWARDED:
            setattr(pytensor_config, flag.replace(".", "__"), value)
            return
        if flag not in OWN and value != KNOWN[flag]:
            _say_once(flag, value)
        self._store[flag] = value

    def change_flags(self, *args, **kwargs) -> "change_flags":
        """See :class:`change_flags`."""
        return change_flags(*args, **kwargs)


class change_flags:
    """Flags with other values for a ``with`` block or a decorated function.

    Parameters
    ----------
    args : dict or pairs, optional
        Flag and value.
    **kwargs
        The same; ``blas__ldflags`` stands for ``blas.ldflags``.

    Examples
    --------
    >>> from ptembed.theano import config
    >>> with change_flags(floatX="float32"):
    ...     config.floatX
    'float32'
    """

    def __init__(self, args=(), **kwargs):
        new = dict(args) | {name.replace("__", "."): value for name, value in kwargs.items()}
        unknown = [flag for flag in new if flag not in KNOWN]
        if unknown:
            raise AssertionError(f"Theano 1.0.5 has no flag {unknown[0]}.")
        self.new_vals = new

    def __enter__(self):
        self.old_vals = {flag: config._get(flag) for flag in self.new_vals}
        try:
            for flag, value in self.new_vals.items():
                config._set(flag, value)
        except Exception:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info):
        for flag, value in self.old_vals.items():
            config._set(flag, value)

    def __call__(self, function):
        @functools.wraps(function)
        def changed(*args, **kwargs):
            with change_flags(self.new_vals):
                return function(*args, **kwargs)

        return changed


def parse_config_string(config_string: str, issue_warnings: bool = True) -> dict[str, str]:
    """Read comma-separated ``flag=value`` pairs; of a flag given twice the last value counts.

    Examples
    --------
    >>> parse_config_string("floatX=float32,blas.ldflags='-lblas -lm'")
    {'floatX': 'float32', 'blas.ldflags': '-lblas -lm'}
    """
    splitter = shlex.shlex(config_string, posix=True)
    splitter.whitespace, splitter.whitespace_split = ",", True
    flags = {}
    for pair in filter(None, map(str.strip, splitter)):
        flag, equals, value = pair.partition("=")
        if equals:
            flags[flag.strip()] = value.strip()
        elif issue_warnings:
            warnings.warn(f"Config key {flag!r} has no value, ignoring it", TheanoConfigWarning, stacklevel=2)
    return flags


def config_files_from_theanorc() -> list[str]:
    """The ``.theanorc`` files that count, the last one most."""
    return [os.path.expanduser(path) for path in os.getenv("THEANORC", "~/.theanorc").split(os.pathsep)]


def _read_files() -> dict[str, str]:
    names = ("USER", "LSCRATCH", "TMPDIR", "TEMP", "TMP")
    parser = ini.ConfigParser({name: os.getenv(name, "") for name in names} | {"PID": str(os.getpid())})
    parser.optionxform = str
    parser.read(config_files_from_theanorc())
    flags = {}
    for section in parser.sections():
        for option in set(parser.options(section)) - set(parser.defaults()):
            flag = option if section == "global" else f"{section}.{option}"
            flags[flag] = parser.get(section, option)
    return flags


def _converted(flag: str, value):
    kind = type(KNOWN[flag])
    if kind is bool and isinstance(value, str):
        if value.lower() not in ("true", "false", "1", "0"):
            raise ValueError(f"The flag {flag} must be True or False, got {value!r}.")
        return value.lower() in ("true", "1")
    if kind in (int, float) and isinstance(value, str):
        return kind(value)
    if flag in VALUES and value not in VALUES[flag]:
        raise ValueError(
            f'Invalid value ("{value}") for configuration variable "{flag}". Valid options are {VALUES[flag]}'
        )
    return value


_said: set[str] = set()


def _say_once(flag: str, value) -> None:
    if flag in _said:
        return
    _said.add(flag)
    device = flag == "device" or flag.startswith(("gpuarray.", "dnn.", "lib."))
    reason = "programs run on the CPU" if device else "it has no meaning on PyTensor"
    message = f"theano.config.{flag}={value} is accepted and has no effect: {reason}."
    warnings.warn(message, TheanoConfigWarning, stacklevel=4)


def _apply(flags: dict[str, str], source: str) -> None:
    for flag, value in flags.items():
        if flag in KNOWN:
            config._set(flag, value)
        elif flag.split(".")[0] not in ("lib", "nvcc", "cuda", "gpuarray", "dnn"):
            message = f"Theano does not recognise this flag: {flag} (in {source})"
            warnings.warn(message, TheanoConfigWarning, stacklevel=2)


config = TheanoConfigParser()
_apply(_read_files() | parse_config_string(os.getenv("THEANO_FLAGS", "")), "THEANO_FLAGS or .theanorc")
