"""``theano.config``: Theano's flags, as attributes, from ``THEANO_FLAGS``, ``.theanorc`` and assignments.

The flags themselves are in :mod:`ptembed.theano.configdefaults`; a program may add its own with :func:`AddConfigVar`.
A flag that PyTensor has is PyTensor's flag; there is no second copy of ``floatX``. What the variable and the files say
is in :mod:`ptembed.theano.configsources`.
"""

import functools
import hashlib
import io
import logging

from pytensor.configdefaults import config as pytensor_config

from ptembed.theano.configdefaults import (
    FORWARDED,
    KNOWN,
    OWN,
    VALUES,
    filter_device,
    filter_mode,
    filter_vm_lazy,
    floatX_convert,
)
from ptembed.theano.configparams import BoolParam, ConfigParam, EnumStr, FloatParam, IntParam, StrParam, TypedParam
from ptembed.theano.configsources import (
    FILES,
    THEANO_FLAGS,
    THEANO_FLAGS_DICT,
    TheanoConfigWarning,
    config_files,
    config_files_from_theanorc,
    fetch_val_for_key,
    flags_in_files,
    is_given,
    parse_config_string,
    theano_cfg,
    theano_raw_cfg,
)
from ptembed.user_warnings import warn_user

__all__ = [
    "THEANO_FLAGS",
    "THEANO_FLAGS_DICT",
    "AddConfigVar",
    "BoolParam",
    "ConfigParam",
    "EnumStr",
    "FloatParam",
    "IntParam",
    "StrParam",
    "TheanoConfigParser",
    "TheanoConfigWarning",
    "TypedParam",
    "change_flags",
    "config",
    "config_files",
    "config_files_from_theanorc",
    "fetch_val_for_key",
    "get_config_hash",
    "parse_config_string",
    "theano_cfg",
    "theano_raw_cfg",
]

_logger = logging.getLogger("theano.configparser")


#: For a flag, what is called with its new value when it is set.
LISTENERS: dict[str, list] = {}


class TheanoConfigParser:
    """The flags as attributes; ``config.blas.ldflags`` is the flag ``blas.ldflags``.

    Reading a name that is not a flag raises ``AttributeError``, setting one makes a plain attribute, both as in Theano.
    A value that a flag does not take raises ``ValueError``.
    """

    def __init__(self, prefix: str = "", store: dict | None = None):
        vars(self).update(_prefix=prefix, _store={} if store is None else store)

    def __getattr__(self, name: str):
        flag = self._prefix + name
        if flag in KNOWN or flag in _added:
            return self._get(flag)
        if any(known.startswith(flag + ".") for known in (*KNOWN, *_added)):
            return TheanoConfigParser(flag + ".", self._store)
        raise AttributeError(f"theano.config has no flag {flag}: Theano 1.0.5 had none of that name.")

    def __setattr__(self, name: str, value) -> None:
        flag = self._prefix + name
        if flag in KNOWN or flag in _added:
            self._set(flag, value)
        else:
            vars(self)[name] = value

    def __str__(self) -> str:
        text = io.StringIO()
        _config_print(self, text)
        return text.getvalue()

    def _get(self, flag: str):
        if flag in _added:
            return _added[flag].__get__(self)
        if flag in FORWARDED:
            return getattr(pytensor_config, flag.replace(".", "__"))
        if flag in _FOLDERS and flag not in self._store:
            return str(getattr(pytensor_config, flag))
        return self._store.get(flag, KNOWN[flag])

    def _set(self, flag: str, value) -> None:
        if flag in _added:
            _added[flag].__set__(self, value)
            return
        value = _converted(flag, value)
        if flag in FORWARDED:
            setattr(pytensor_config, flag.replace(".", "__"), value)
            return
        if flag not in OWN and value not in (KNOWN[flag], self._get(flag)):
            _say_once(flag, value)
        self._store[flag] = value
        for tell in LISTENERS.get(flag, ()):
            tell(value)

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
        unknown = [flag for flag in new if flag not in KNOWN and flag not in _added]
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


_FILTERS = {"floatX": floatX_convert, "mode": filter_mode, "vm.lazy": filter_vm_lazy, "device": filter_device}
_FILTERS["init_gpu_device"] = filter_device
_FOLDERS = ("compiledir", "base_compiledir")


def _converted(flag: str, value):
    kind = type(KNOWN[flag])
    if flag in _FILTERS:
        value = _FILTERS[flag](value)
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
    warn_user(message, TheanoConfigWarning)


def _apply(flags: dict[str, str], source: str) -> None:
    for flag, value in flags.items():
        if flag in KNOWN:
            _set_from(flag, value, source)
            THEANO_FLAGS_DICT.pop(flag, None)
        elif flag.split(".")[0] not in ("lib", "nvcc", "cuda", "gpuarray", "dnn"):
            warn_user(f"Theano does not recognise this flag: {flag} (in {source})", TheanoConfigWarning)


def _set_from(flag: str, value: str, source: str) -> None:
    try:
        config._set(flag, value)
    except ValueError as error:
        error.add_note(f"{flag}={value} is in {source}.")
        raise


class _Known(ConfigParam):
    """A flag of Theano's, among those of the program."""

    def __init__(self, flag):
        super().__init__(KNOWN[flag])
        self.fullname = flag

    def __get__(self, cls, type_=None, delete_key=False):
        return self if cls is None else config._get(self.fullname)

    def __set__(self, cls, val):
        config._set(self.fullname, val)

    def __str__(self):
        return f"{self.fullname} ({VALUES.get(self.fullname, type(self.default))}) "


_added: dict[str, ConfigParam] = {}
_config_var_list: list[ConfigParam] = [_Known(flag) for flag in KNOWN]


def AddConfigVar(name, doc, configparam, root=None, in_c_key=True):
    """Add a flag to ``theano.config``.

    Parameters
    ----------
    name : str
        ``"section.option"``, or ``"option"``.
    doc : str
        What it is for.
    configparam : ConfigParam
    root : TheanoConfigParser, optional
        The section that ``name`` is in.
    in_c_key : bool
        Whether it counts for :func:`get_config_hash`.

    Raises
    ------
    AttributeError
        If there is a flag or a section of that name.
    ValueError
        If the flag does not take its first value: what ``THEANO_FLAGS`` or the files say, or else the default.
    """
    name = (root._prefix if root else "") + name
    taken = {*KNOWN, *_added}
    if name in taken or any(flag.startswith(name + ".") or name.startswith(flag + ".") for flag in taken):
        raise AttributeError("This name is already taken", name)
    configparam.fullname, configparam.doc, configparam.in_c_key = name, doc, in_c_key
    if not callable(configparam.default) or is_given(name):
        configparam.__get__(config, None, delete_key=True)
    _added[name] = configparam
    _config_var_list.append(configparam)


def _config_print(thing, buf, print_doc=True):
    for flag in _config_var_list:
        print(flag, file=buf)
        if print_doc:
            print("    Doc: ", flag.doc, file=buf)
        print("    Value: ", flag.__get__(True), file=buf)
        print("", file=buf)


def get_config_hash() -> str:
    """A text that differs between two sets of flags that count for compilation."""
    flags = sorted((flag.fullname, str(flag.__get__(True))) for flag in _config_var_list if flag.in_c_key)
    return hashlib.sha256(repr(flags).encode()).hexdigest()


config = TheanoConfigParser()
_apply({flag: value for flag, value in flags_in_files().items() if flag not in THEANO_FLAGS_DICT}, FILES)
_apply(dict(THEANO_FLAGS_DICT), "THEANO_FLAGS")
