"""What ``THEANO_FLAGS`` and the ``.theanorc`` files say, read once, when ``theano`` is imported.

As in Theano, ``THEANO_FLAGS`` wins over the files, and ``THEANORC`` may name other files. Programs find all this in
:mod:`ptembed.theano.configparser`.
"""

import configparser as ini
import os
import shlex

from ptembed.user_warnings import warn_user

__all__ = [
    "THEANO_FLAGS",
    "THEANO_FLAGS_DICT",
    "TheanoConfigWarning",
    "config_files",
    "config_files_from_theanorc",
    "fetch_val_for_key",
    "flags_in_files",
    "is_given",
    "parse_config_string",
    "theano_cfg",
    "theano_raw_cfg",
]


class TheanoConfigWarning(Warning):
    """Something in ``THEANO_FLAGS`` or ``.theanorc`` has no effect."""


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
            warn_user(f"Config key {flag!r} has no value, ignoring it", TheanoConfigWarning)
    return flags


def config_files_from_theanorc() -> list[str]:
    """The ``.theanorc`` files that count, the last one most."""
    return [os.path.expanduser(path) for path in os.getenv("THEANORC", "~/.theanorc").split(os.pathsep)]


THEANO_FLAGS = os.getenv("THEANO_FLAGS", "")
THEANO_FLAGS_DICT = parse_config_string(THEANO_FLAGS)
config_files = config_files_from_theanorc()
#: Those of them that are there, for messages.
FILES = " or ".join(filter(os.path.exists, config_files))


def _ini(kind):
    names = ("USER", "LSCRATCH", "TMPDIR", "TEMP", "TMP")
    parser = kind({name: os.getenv(name, "") for name in names} | {"PID": str(os.getpid())})
    parser.optionxform = str
    try:
        parser.read(config_files)
    except ini.Error as error:
        error.add_note(f"It sets Theano's flags: [global] above lines flag = value. THEANORC={os.devnull} reads none.")
        raise
    return parser


theano_cfg = _ini(ini.ConfigParser)
theano_raw_cfg = _ini(ini.RawConfigParser)


def fetch_val_for_key(key: str, delete_key: bool = False) -> str:
    """What ``THEANO_FLAGS``, or else the files, say of a flag that has not been read from them yet.

    With ``delete_key`` it is taken out of :data:`THEANO_FLAGS_DICT`.

    Raises
    ------
    KeyError
        If they say nothing.
    """
    if key in THEANO_FLAGS_DICT:
        return THEANO_FLAGS_DICT.pop(key) if delete_key else THEANO_FLAGS_DICT[key]
    section, _, option = key.rpartition(".")
    try:
        return _in_files(section or "global", option)
    except (ini.NoOptionError, ini.NoSectionError):
        raise KeyError(key) from None


def _in_files(section: str, option: str) -> str:
    try:
        return theano_cfg.get(section, option)
    except ini.InterpolationError:
        return theano_raw_cfg.get(section, option)


def flags_in_files() -> dict[str, str]:
    """The flags that the files set, each as text."""
    flags = {}
    for section in theano_cfg.sections():
        for option in set(theano_cfg.options(section)) - set(theano_cfg.defaults()):
            flag = option if section == "global" else f"{section}.{option}"
            flags[flag] = _in_files(section, option)
    return flags


def is_given(name: str) -> bool:
    """Whether :func:`fetch_val_for_key` has an answer."""
    try:
        fetch_val_for_key(name)
    except KeyError:
        return False
    return True
