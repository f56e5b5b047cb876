"""Sentences of a text file, a line each, read anew each time they are iterated.

A file may be one line: what is longer than 64 kB is cut into several sentences, between words.

Words are found by scikit-learn's analyzer. Files that end in ``.gz`` are decompressed on the way; a stream is copied
to a temporary file first, so that it can be read again. Read next: :mod:`ptembed.estimators.skip_grams`.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ptembed.extras import needs
from ptembed.io.streams import opened

__all__ = ["Sentences"]

WORD = r"(?u)\b\w+\b"
LONGEST = 1 << 16  # bytes of a sentence


class Sentences:
    """The lines of a text as lists of words; lines without a word are left out.

    Parameters
    ----------
    source : path or binary stream
        UTF-8.
    lowercase : bool
    errors : {"strict", "ignore", "replace"}
        What becomes of bytes that are no UTF-8.
    progress : function, optional
        Called with the number of bytes of each line that was read, and None at the end of the text.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ImportError
        Without scikit-learn.

    Examples
    --------
    >>> import io
    >>> sentences = Sentences(io.BytesIO("Der Mond, ist aufgegangen!\\n\\n".encode()))
    >>> list(sentences), list(sentences)
    ([['der', 'mond', 'ist', 'aufgegangen']], [['der', 'mond', 'ist', 'aufgegangen']])
    """

    def __init__(
        self,
        source: Any,
        lowercase: bool = True,
        errors: str = "strict",
        progress: Callable[[int | None], object] | None = None,
    ) -> None:
        text = needs("sklearn.feature_extraction.text", "learn")
        self.words = text.CountVectorizer(token_pattern=WORD, lowercase=lowercase).build_analyzer()
        self.errors, self.progress = errors, progress or (lambda done: None)
        self.copy = None
        if hasattr(source, "read"):
            self.copy = tempfile.NamedTemporaryFile(prefix="ptembed-")  # noqa: SIM115  closed with this object
            shutil.copyfileobj(source, self.copy)
            self.copy.flush()
        self.path = Path(self.copy.name if self.copy else source)
        if not self.path.is_file():
            raise FileNotFoundError(f"{self.path} must be a text file, and there is none")

    @property
    def size(self) -> int:
        """Bytes of the text; of a compressed one, those of its file."""
        return os.path.getsize(self.path)

    def __iter__(self):
        with opened(self.path) as file:
            for number, line in _lines(file):
                self.progress(len(line))
                if words := self.words(self._decoded(line, number)):
                    yield words
        self.progress(None)

    def _decoded(self, line, number):
        try:
            return line.decode("utf8", self.errors)
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{'the stream' if self.copy else self.path}, line {number}: must be UTF-8, {error.reason}: "
                "pass errors='replace'"
            ) from error


def _lines(file):
    """Give each line with its number; of a long one its parts, each but the last up to a space."""
    number, rest = 1, b""
    while part := file.readline(LONGEST):
        whole = part.endswith(b"\n")
        cut = len(part) if whole else part.rfind(b" ") + 1
        if cut:
            yield number, rest + part[:cut]
            rest = b""
        rest += part[cut:]
        number += whole
    if rest:
        yield number, rest
