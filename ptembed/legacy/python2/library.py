"""Python 2's standard library for a translated module: renamed modules, and those that took other arguments.

A module here is a face of one or more modules of Python 3: what it does not have itself, it takes from them. Only
``import`` statements of translated modules see it. Names that Python 2's modules had more (``itertools.izip``,
``string.letters``) are in :mod:`ptembed.legacy.stdlib_names`.
"""

import functools
import importlib
import io
import random
from types import ModuleType

from ptembed.legacy.python2.files import StringIO

__all__ = ["find"]


class Face(ModuleType):
    """A module of Python 2's name: its own names first, then those of ``modules``."""

    def __init__(self, name: str, *modules: str, **own):
        super().__init__(name)
        vars(self).update(own)
        vars(self)["__faces__"] = modules

    def __getattr__(self, name):
        for module in map(importlib.import_module, vars(self)["__faces__"]):
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __dir__(self):
        return sorted(
            {*vars(self), *(name for m in vars(self)["__faces__"] for name in dir(importlib.import_module(m)))}
        )


#: Modules that are the same under another name, beside those that fissix knows.
_RENAMED = {
    **{"xml.etree.cElementTree": "xml.etree.ElementTree", "dummy_threading": "threading", "exceptions": "builtins"},
    **{"anydbm": "dbm", "whichdb": "dbm", "Image": "PIL.Image", "new": "types"},
    **{"email.MIMEText": "email.mime.text", "email.MIMEMultipart": "email.mime.multipart"},
}


def find(name: str, fromlist=()) -> ModuleType | None:
    """What ``import name`` gives in Python 2 where Python 3 has no such module, or another one; else None."""
    from fissix.fixes.fix_imports import MAPPING

    if name in _FACES:
        return _face(name)
    renamed = _RENAMED.get(name) or (MAPPING.get(name) if "." not in name else None)
    if renamed is None:
        return None
    module = importlib.import_module(renamed)
    package, _, last = name.rpartition(".")
    if package:
        setattr(importlib.import_module(package), last, module)
    return module if fromlist or not package else importlib.import_module(name.partition(".")[0])


@functools.cache
def _face(name: str) -> ModuleType:
    return _FACES[name](name)


def _builtin(name: str) -> ModuleType:
    from ptembed.legacy.python2.builtin_names import MODULE, names

    names()
    return MODULE


def _string_io(name: str) -> ModuleType:
    return Face(name, "io", StringIO=StringIO, InputType=StringIO, OutputType=StringIO)


def _pickle(name: str) -> ModuleType:
    """Reads what Python 2 wrote, writes what Python 2 reads; files may be open as text."""
    import pickle

    def load(file):
        return pickle.load(_binary(file), encoding="latin1")

    def loads(data):
        return pickle.loads(_bytes(data), encoding="latin1")

    def dump(value, file, protocol=2):
        _binary(file).write(pickle.dumps(value, _protocol(protocol)))

    def dumps(value, protocol=2):
        return pickle.dumps(value, _protocol(protocol))

    class Unpickler(pickle.Unpickler):
        def __init__(self, file):
            super().__init__(_binary(file), encoding="latin1")

    class Pickler(pickle.Pickler):
        def __init__(self, file, protocol=2):
            super().__init__(_binary(file), _protocol(protocol))

    own = {"load": load, "loads": loads, "dump": dump, "dumps": dumps, "Unpickler": Unpickler, "Pickler": Pickler}
    return Face(name, "pickle", HIGHEST_PROTOCOL=2, UnpickleableError=pickle.PicklingError, **own)


def _protocol(protocol) -> int:
    return 2 if protocol is None or protocol < 0 else protocol


def _binary(file):
    """What a file that is open as text reads its bytes from."""
    if isinstance(file, io.TextIOWrapper):
        file.flush()
        return file.buffer
    if isinstance(file, io.StringIO):
        return _MemoryBytes(file)
    return file


class _MemoryBytes:
    def __init__(self, file: io.StringIO):
        self.file = file

    def read(self, size=-1):
        return self.file.read(size).encode("latin-1")

    def readline(self):
        return self.file.readline().encode("latin-1")

    def write(self, data):
        return self.file.write(data.decode("latin-1"))


def _bytes(data) -> bytes:
    return data.encode("latin-1") if isinstance(data, str) else data


def _csv(name: str) -> ModuleType:
    """Files may be open in binary mode, as Python 2's ``csv`` wanted them."""
    import csv

    def lines(file):
        return (line.decode("utf8", "surrogateescape") if isinstance(line, bytes) else line for line in file)

    class DictReader(csv.DictReader):
        def __init__(self, f, *args, **kwargs):
            super().__init__(lines(f), *args, **kwargs)

    return Face(
        name, name, reader=lambda file, *args, **kwargs: csv.reader(lines(file), *args, **kwargs), DictReader=DictReader
    )


def _subprocess(name: str) -> ModuleType:
    """Pipes are of text."""
    import subprocess

    def options(given: dict) -> dict:
        return {"encoding": "utf8", "errors": "surrogateescape"} | given

    class Popen(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **options(kwargs))

    def check_output(*args, **kwargs):
        return subprocess.check_output(*args, **options(kwargs))

    return Face(name, name, Popen=Popen, check_output=check_output)


def _hashlib(name: str) -> ModuleType:
    """What is hashed may be text."""
    import hashlib

    def taking_text(make):
        return lambda text=b"", **options: _Hash(make(_utf8(text), **options))

    own = {
        kind: taking_text(getattr(hashlib, kind)) for kind in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
    }
    return Face(
        name, "hashlib", new=own["sha1" if name == "sha" else "md5"] if name != "hashlib" else hashlib.new, **own
    )


class _Hash:
    def __init__(self, made):
        self.made = made

    def update(self, text):
        self.made.update(_utf8(text))

    def __getattr__(self, name):
        return getattr(self.made, name)


def _utf8(text) -> bytes:
    return text.encode("utf8", "surrogateescape") if isinstance(text, str) else text


def _random(name: str) -> ModuleType:
    """Python 2's draws from the same generator: ``shuffle``, ``choice``, ``sample`` and ``randint`` were others."""
    state = random._inst  # type: ignore[attr-defined]

    class Random(random.Random):
        def _randbelow(self, n):
            return int(self.random() * n)

        def shuffle(self, x, random=None):
            draw = random or self.random
            for i in range(len(x) - 1, 0, -1):
                j = int(draw() * (i + 1))
                x[i], x[j] = x[j], x[i]

        def sample(self, population, k):
            return super().sample(list(population), k)

    class Shared(Random):
        """The generator of ``random``'s functions."""

        _randbelow = Random._randbelow  # a class with a random() of its own would get another

        def random(self):
            return state.random()

    shared = Shared()
    names = ("choice", "randint", "randrange", "sample", "shuffle")
    return Face(name, "random", Random=Random, jumpahead=lambda n: None, **{n: getattr(shared, n) for n in names})


def _config_parser(name: str) -> ModuleType:
    import configparser

    class _Old:
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **{"strict": False, "inline_comment_prefixes": (";",)} | kwargs)

        def readfp(self, file, filename=None):
            self.read_file(file, filename)  # type: ignore[attr-defined]

    class RawConfigParser(_Old, configparser.RawConfigParser):
        pass

    class ConfigParser(_Old, configparser.ConfigParser):
        pass

    return Face(
        name, "configparser", RawConfigParser=RawConfigParser, ConfigParser=ConfigParser, SafeConfigParser=ConfigParser
    )


def _sets(name: str) -> ModuleType:
    return Face(name, "builtins", Set=set, ImmutableSet=frozenset)


def _future_builtins(name: str) -> ModuleType:
    return Face(name, "builtins", map=map, filter=filter, zip=zip)


def _user_dict(name: str) -> ModuleType:
    from collections import UserDict
    from collections.abc import MutableMapping

    return Face(name, "collections", UserDict=UserDict, IterableUserDict=UserDict, DictMixin=MutableMapping)


def _of(*modules: str):
    return lambda name: Face(name, *modules)


_FACES = {
    **{"__builtin__": _builtin, "StringIO": _string_io, "cStringIO": _string_io, "pickle": _pickle, "cPickle": _pickle},
    **{"csv": _csv, "subprocess": _subprocess, "hashlib": _hashlib, "md5": _hashlib, "sha": _hashlib},
    **{"random": _random, "ConfigParser": _config_parser, "sets": _sets, "future_builtins": _future_builtins},
    **{"UserDict": _user_dict, "urllib": _of("urllib", "urllib.request", "urllib.parse", "urllib.error")},
    **{"urllib2": _of("urllib.request", "urllib.error", "urllib.parse"), "urlparse": _of("urllib.parse")},
    **{"commands": _of("subprocess")},
}
