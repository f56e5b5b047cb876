"""The glosses of WordNet 3.0: 117,659 short definitions, each with its words, its word class and its links.

One small corpus that fits every recipe: neighbours of words (co-occurrence within a gloss), short texts of few tokens
in five classes of unequal size, a sparse gloss x token matrix, pairs that are alike (hypernyms) and pairs that are not
(antonyms), and, from gloss to lemma, a sparse target of 147 thousand dimensions.

Tokenisation is one pass of a regular expression over all glosses at once, and everything after it is an array:
O(characters) for the text, O(tokens) for the rest, well under a second.
Read next: `ptembed.data.films`; the file format is in `ptembed.data.table`.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, pairwise

import numpy as np
from scipy.sparse import csr_array

from ptembed.arguments import at_least_one, matrix_dtype, row_of
from ptembed.data.table import FILES, read_table

FILE = "glosses.tsv.xz"
COLUMNS = ("class", "lexname", "lemmas", "gloss", "hypernyms", "antonyms")

#: The word classes: noun, verb, adjective, satellite adjective, adverb.
CLASSES = ("n", "v", "a", "s", "r")

#: The 45 lexicographer files of WordNet, in the order of their numbers: a finer classification than `CLASSES`.
LEXNAMES = tuple(
    """adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body noun.cognition
    noun.communication noun.event noun.feeling noun.food noun.group noun.location noun.motive noun.object noun.person
    noun.phenomenon noun.plant noun.possession noun.process noun.quantity noun.relation noun.shape noun.state
    noun.substance noun.time verb.body verb.change verb.cognition verb.communication verb.competition verb.consumption
    verb.contact verb.creation verb.emotion verb.motion verb.perception verb.possession verb.social verb.stative
    verb.weather adj.ppl""".split()  # noqa: SIM905
)

EXAMPLE = re.compile(r'"[^"\n]*"')
WORD_OR_END = re.compile(r"[a-z]+(?:-[a-z]+)*|\n")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Glosses:
    """The glosses of WordNet as text and as arrays; `load_glosses` makes it.

    Row ``i`` is one synset: a set of words with one meaning, and the gloss that defines it. Below, n is the number of
    glosses, D the number of words in the vocabulary and T the number of tokens.

    Attributes
    ----------
    lemmas : list of n tuples of str
        The words of the synset as WordNet writes them: ``("physical_entity",)``.
    texts : list of n str
        The gloss as written, with its examples of use in double quotes.
    tokens : ndarray of int32, shape (T,)
        The word ids of all glosses, one after the other, examples of use left out.
    offsets : ndarray of int64, shape (n + 1,)
        Gloss ``i`` is ``tokens[offsets[i]:offsets[i + 1]]``; it may be empty.
    vocabulary : list of D str
        The word of each id; the most frequent first, ties in alphabetical order.
    index : dict of str to int
        The id of each word.
    counts : ndarray of int64, shape (D,)
        How often each word occurs in `tokens`.
    classes : tuple of str
        ``("n", "v", "a", "s", "r")``: noun, verb, adjective, satellite adjective, adverb.
    y : ndarray of int8, shape (n,)
        The word class of each gloss, an index into `classes`.
    lexnames : ndarray of int8, shape (n,)
        The lexicographer file of each gloss, an index into `LEXNAMES`.
    hypernyms : ndarray of int32, shape (89089, 2)
        Rows (child, parent): the parent is the more general meaning. Instances (Paris is a city) are not among them.
    antonyms : ndarray of int32, shape (7979, 2)
        Rows of opposite meaning. Each pair of rows stands in both directions, and once for each pair of words that
        are opposites: 3,802 pairs of rows are distinct.
    antonym_words : list of (str, str)
        The two lemmas that are opposites in the same line of `antonyms`.

    Examples
    --------
    >>> from ptembed.data import load_glosses
    >>> glosses = load_glosses(min_count=2)
    >>> glosses
    <Glosses: 117,659 glosses, 28,623 words, 1,154,608 tokens>
    >>> row = glosses.lemmas.index(("coach", "manager", "handler"))
    >>> glosses.texts[row]
    '(sports) someone in charge of training an athlete or a team'
    >>> " ".join(glosses.sentence(row))
    'sports someone in charge of training an athlete or a team'
    >>> glosses.classes[glosses.y[row]], LEXNAMES[glosses.lexnames[row]]
    ('n', 'noun.person')
    >>> [glosses.lemmas[parent] for child, parent in glosses.hypernyms if child == row]
    [('trainer',)]
    """

    lemmas: list[tuple[str, ...]]
    texts: list[str]
    tokens: np.ndarray
    offsets: np.ndarray
    vocabulary: list[str]
    index: dict[str, int]
    counts: np.ndarray
    classes: tuple[str, ...]
    y: np.ndarray
    lexnames: np.ndarray
    hypernyms: np.ndarray
    antonyms: np.ndarray
    antonym_words: list[tuple[str, str]]

    def __repr__(self) -> str:
        n, D, T = len(self.texts), len(self.vocabulary), len(self.tokens)
        return f"<Glosses: {n:,} glosses, {D:,} words, {T:,} tokens>"

    def __len__(self) -> int:
        return len(self.texts)

    def sentence(self, i: int) -> list[str]:
        """The words of gloss `i`, those in the vocabulary, in their order.

        Raises
        ------
        TypeError
            If `i` is not an integer.
        IndexError
            If there is no gloss `i`.
        """
        row = row_of(i, len(self), "i")
        return [self.vocabulary[word] for word in self.tokens[self.offsets[row] : self.offsets[row + 1]]]

    def sentences(self) -> Iterator[list[str]]:
        """The words of each gloss, as `sentence` gives them, one gloss after the other."""
        words = list(map(self.vocabulary.__getitem__, self.tokens.tolist()))
        ends = self.offsets.tolist()
        return (words[start:end] for start, end in pairwise(ends))

    def matrix(self, dtype="float32", binary: bool = True) -> csr_array:
        """The sparse matrix of glosses x words.

        Parameters
        ----------
        dtype : str or dtype
            float32, float64, or an integer type.
        binary : bool
            True: 1 where the word occurs. False: how often it does.

        Returns
        -------
        csr_array of `dtype`, shape (n, D)
            0.020 % dense for ``min_count=1``; indices sorted, no duplicates.

        Raises
        ------
        TypeError
            If `dtype` is another.

        Examples
        --------
        >>> from ptembed.data import load_glosses
        >>> X = load_glosses(min_count=2).matrix()
        >>> X.shape, X.dtype, f"{X.nnz / X.shape[0] / X.shape[1]:.3%}"
        ((117659, 28623), dtype('float32'), '0.032%')
        """
        shape = len(self), len(self.vocabulary)
        data = np.ones(len(self.tokens), matrix_dtype(dtype))
        X = csr_array((data, self.tokens.copy(), self.offsets.astype(np.int32)), shape=shape)
        X.sum_duplicates()
        if binary:
            X.data[:] = 1
        return X

    def pairs(self, window: int = 5) -> np.ndarray:
        """Each two tokens of one gloss that are at most `window` apart, in the order of the text.

        A pair is given once, the word that comes first in the text first; for both directions stack
        ``pairs[:, ::-1]`` below. Distance counts the tokens that are in the vocabulary, as word2vec does: words below
        `min_count` do not stand between others. O(P) in time and memory, P the number of pairs.

        Parameters
        ----------
        window : int
            The largest distance, at least 1.

        Returns
        -------
        ndarray of int32, shape (P, 2)
            Word ids (left, right).

        Raises
        ------
        TypeError
            If `window` is not an integer.
        ValueError
            If it is below 1.

        Examples
        --------
        >>> from ptembed.data import load_glosses
        >>> glosses = load_glosses()
        >>> glosses.sentence(0)[:4]
        ['that', 'which', 'is', 'perceived']
        >>> [(glosses.vocabulary[left], glosses.vocabulary[right]) for left, right in glosses.pairs(window=2)[:4]]
        [('that', 'which'), ('that', 'is'), ('which', 'is'), ('which', 'perceived')]
        """
        window = at_least_one(window, "window")
        lengths = np.diff(self.offsets)
        place = np.arange(len(self.tokens))
        to_the_right = np.repeat(self.offsets[1:], lengths) - place - 1
        reach = np.minimum(window, to_the_right)
        left = np.repeat(place, reach)
        first = np.repeat(np.cumsum(reach) - reach, reach)
        right = left + 1 + np.arange(len(left)) - first
        return np.stack([self.tokens[left], self.tokens[right]], axis=1)

    def class_weights(self) -> np.ndarray:
        """The penalty log(N / N_y) of each word class: rare classes weigh more.

        Returns
        -------
        ndarray of float64, shape (5,)
            In the order of `classes`; natural logarithm.

        Examples
        --------
        >>> from ptembed.data import load_glosses
        >>> load_glosses().class_weights().round(2).tolist()
        [0.36, 2.15, 2.76, 2.4, 3.48]
        """
        return np.log(len(self.y) / np.bincount(self.y, minlength=len(self.classes)))


def load_glosses(min_count: int = 1) -> Glosses:
    """The glosses of WordNet 3.0.

    A token is a match of ``[a-z]+(?:-[a-z]+)*`` in the lower-cased gloss, after the examples of use, which stand in
    double quotes, have been taken out: digits and punctuation are dropped, ``well-known`` is one word, and the parts
    of ``don't`` are two.

    Parameters
    ----------
    min_count : int
        Words that occur fewer times in all glosses are dropped from the vocabulary and from the tokens; at least 1.

    Returns
    -------
    Glosses

    Raises
    ------
    TypeError
        If `min_count` is not an integer.
    ValueError
        If it is below 1.
    OSError
        If the data file is missing or damaged.

    References
    ----------
    G. A. Miller, "WordNet: a lexical database for English", Communications of the ACM 38 (11), 1995.

    Examples
    --------
    >>> from ptembed.data import load_glosses
    >>> glosses = load_glosses()
    >>> len(glosses), len(glosses.vocabulary), len(load_glosses(min_count=2).vocabulary)
    (117659, 45322, 28623)
    >>> glosses.vocabulary[:5]
    ['a', 'of', 'the', 'or', 'in']
    """
    min_count = at_least_one(min_count, "min_count")
    classes, lexnames, lemma_cells, texts, hypernym_cells, antonym_cells = read_table(FILES / FILE, COLUMNS)
    tokens, offsets, vocabulary, counts = tokenise(texts, min_count)
    lemmas = [tuple(cell.split(" ")) for cell in lemma_cells]
    antonyms, antonym_words = opposites(antonym_cells, lemmas)
    return Glosses(
        lemmas=lemmas,
        texts=texts,
        tokens=tokens,
        offsets=offsets,
        vocabulary=vocabulary,
        index={word: i for i, word in enumerate(vocabulary)},
        counts=counts,
        classes=CLASSES,
        y=np.fromiter(map(CLASSES.index, classes), np.int8, len(classes)),
        lexnames=np.array(lexnames, np.int8),
        hypernyms=parents(hypernym_cells),
        antonyms=antonyms,
        antonym_words=antonym_words,
    )


def tokenise(texts: list[str], min_count: int) -> tuple[np.ndarray, np.ndarray, list[str], np.ndarray]:
    """Tokens, offsets, vocabulary and counts of `texts`, none of which may hold a line end: it separates them.

    Words are numbered as they come, the line end being 0; then these numbers are exchanged for those by frequency.
    """
    text = "\n".join([*texts, ""]).lower()
    words = WORD_OR_END.findall(EXAMPLE.sub(" ", text))
    seen: defaultdict[str, int] = defaultdict(count(1).__next__, {"\n": 0})
    stream = np.fromiter(map(seen.__getitem__, words), np.int32, len(words))
    names, counts = list(seen), np.bincount(stream, minlength=len(seen))
    counts[0] = 0
    order = np.lexsort((np.array(names), -counts))
    order = order[counts[order] >= min_count]
    ids = np.full(len(names), -1, np.int32)
    ids[order] = np.arange(len(order))
    tokens = ids[stream]
    kept = tokens >= 0
    offsets = np.concatenate([[0], np.cumsum(kept)[stream == 0]])
    return tokens[kept], offsets, [names[i] for i in order], counts[order]


def parents(cells: list[str]) -> np.ndarray:
    """(child, parent) rows from the cells of parents separated by spaces."""
    pairs = [(child, int(parent)) for child, cell in enumerate(cells) if cell for parent in cell.split(" ")]
    return np.array(pairs, np.int32).reshape(-1, 2)


def opposites(cells: list[str], lemmas: list[tuple[str, ...]]) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Pairs of rows and pairs of words from cells ``word:row:word``: which lemma here, which row, which lemma there."""
    links = [(row, *map(int, link.split(":"))) for row, cell in enumerate(cells) if cell for link in cell.split(" ")]
    rows = np.array([(row, other) for row, _, other, _ in links], np.int32).reshape(-1, 2)
    return rows, [(lemmas[row][here], lemmas[other][there]) for row, here, other, there in links]
