"""Glosses as a dictionary prints them: the words defined, the definition, and examples of use.

In the tokens of :class:`ptembed.data.Glosses` a word stands only where another one is defined by it. With the words
defined in front, each word also stands in its own definition; and with the words of what it is a kind of, so does what
a definition leaves unsaid. That is what word vectors can be learnt from.

Read next: :mod:`ptembed.estimators.word_vectors`.
"""

import re

from ptembed.data.glosses import EXAMPLE, Glosses

__all__ = ["entries"]

WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")


def entries(glosses: Glosses, examples: bool = True, kinds: bool = True) -> list[list[str]]:
    """Give each gloss as a list of words, those of its lemmas first.

    Parameters
    ----------
    glosses : Glosses
    examples : bool
        Whether the examples of use are kept.
    kinds : bool
        Whether the lemmas of the hypernyms follow.

    Examples
    --------
    >>> from ptembed.data import load_glosses
    >>> glosses = load_glosses()
    >>> row = glosses.lemmas.index(("coach", "manager", "handler"))
    >>> " ".join(entries(glosses)[row])
    'coach manager handler sports someone in charge of training an athlete or a team trainer'
    """
    texts = glosses.texts if examples else (EXAMPLE.sub(" ", text) for text in glosses.texts)
    names = [" ".join(lemmas).replace("_", " ") for lemmas in glosses.lemmas]
    found = [WORD.findall(f"{name} {text}".lower()) for name, text in zip(names, texts, strict=True)]
    for child, parent in glosses.hypernyms.tolist() if kinds else ():
        found[child] += WORD.findall(names[parent].lower())
    return found
