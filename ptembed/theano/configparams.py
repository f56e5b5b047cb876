"""Flags that a program adds: their kinds, and what each takes.

Programs find all this in :mod:`ptembed.theano.configparser`, whose ``AddConfigVar`` adds them.
"""

from ptembed.theano.configsources import fetch_val_for_key

__all__ = ["BoolParam", "ConfigParam", "EnumStr", "FloatParam", "IntParam", "StrParam", "TypedParam"]


class ConfigParam:
    """A flag that a program adds.

    Parameters
    ----------
    default : object or callable
        Its value, or what makes it when it is first asked for.
    filter : callable, optional
        Gives the value to keep for a value that is set, or raises ``ValueError``.
    allow_override : bool
        Whether it may change once it has a value.
    """

    def __init__(self, default, filter=None, allow_override=True):
        self.default, self.filter, self.allow_override = default, filter, allow_override
        self.is_default = True
        self.fullname = self.doc = ""
        self.in_c_key = True

    def __get__(self, cls, type_=None, delete_key=False):
        if cls is None:
            return self
        if not hasattr(self, "val"):
            try:
                value = fetch_val_for_key(self.fullname, delete_key)
                self.is_default = False
            except KeyError:
                value = self.default() if callable(self.default) else self.default
            self.__set__(cls, value)
        return self.val

    def __set__(self, cls, val):
        if not self.allow_override and hasattr(self, "val"):
            raise Exception("Can't change the value of this config parameter after initialization!")
        self.val = self.filter(val) if self.filter else val


class EnumStr(ConfigParam):
    """A flag with one of several values; the first one is the default, and ``convert`` is applied before the check."""

    def __init__(self, default, *options, convert=None, allow_override=True):
        self.all = (default, *options)
        for value in self.all:
            if not isinstance(value, str):
                raise ValueError("Valid values for an EnumStr parameter should be strings", value, type(value))

        def one_of_them(value):
            value = convert(value) if convert else value
            if value not in self.all:
                raise ValueError(
                    f'Invalid value ("{value}") for configuration variable "{self.fullname}". '
                    f"Valid options are {self.all}"
                )
            return value

        super().__init__(default, one_of_them, allow_override)

    def __str__(self):
        return f"{self.fullname} ({self.all}) "


class TypedParam(ConfigParam):
    """A flag of one type, that ``is_valid`` may check further."""

    def __init__(self, default, mytype, is_valid=None, allow_override=True):
        self.mytype = mytype

        def valid(value):
            converted = mytype(value)
            if callable(is_valid) and not is_valid(converted):
                raise ValueError(f'Invalid value ({value}) for configuration variable "{self.fullname}".', value)
            return converted

        super().__init__(default, valid, allow_override)

    def __str__(self):
        return f"{self.fullname} ({self.mytype}) "


def StrParam(default, is_valid=None, allow_override=True):
    """A flag that is a string."""
    return TypedParam(default, str, is_valid, allow_override)


def IntParam(default, is_valid=None, allow_override=True):
    """A flag that is an integer."""
    return TypedParam(default, int, is_valid, allow_override)


def FloatParam(default, is_valid=None, allow_override=True):
    """A flag that is a number."""
    return TypedParam(default, float, is_valid, allow_override)


def BoolParam(default, is_valid=None, allow_override=True):
    """A flag that is true or false, as a bool, or as the text ``True``, ``false``, ``1``, ..."""

    def booltype(value):
        return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())

    return TypedParam(default, booltype, is_valid or (lambda value: value is not None), allow_override)
