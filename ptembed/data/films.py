"""17,472 films of 1940 to 2014 with what is known about them, as a sparse binary film x attribute matrix.

The movie domain of recommendation and of dictionary learning: many rows, many columns, 15 entries a row, no numbers,
and results a person can judge at a glance. The text is read in O(characters), the matrix made in O(entries).
Read next: `ptembed.data.glosses`; the file format is in `ptembed.data.table`.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from ptembed.arguments import at_least_one, row_of
from ptembed.data.table import FILES, read_table

FILE = "films.tsv.xz"
COLUMNS = ("title", "year", "genres", "directors", "cast", "languages", "countries")

#: What stands before the colon of an attribute, in the order of the columns; then comes "decade".
KINDS = ("genre", "dir", "cast", "lang", "country")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Films:
    """Films and their attributes; `load_films` makes it.

    An attribute is a kind, a colon and a value, such as ``"dir:Akira Kurosawa"``. The kinds are

    ========  ==========================  ========================
    kind      what                        example
    ========  ==========================  ========================
    genre     one of 21                   ``genre:Drama``
    dir       a director                  ``dir:Akira Kurosawa``
    cast      a member of the cast        ``cast:Toshirō Mifune``
    lang      a language of the original  ``lang:Japanese``
    country   a country of origin         ``country:Japan``
    decade    the decade of publication   ``decade:1950``
    ========  ==========================  ========================

    Attributes
    ----------
    titles : list of n str
        The titles in English, sorted by year and title; a title may occur more than once.
    years : ndarray of int16, shape (n,)
        The year of publication.
    attributes : list of D str
        The attribute of each column; the most frequent first, ties in alphabetical order.
    matrix : csr_array of float32, shape (n, D)
        1 where the film has the attribute; indices sorted.
    index : dict of str to int
        The column of each attribute.

    Examples
    --------
    >>> from ptembed.data import load_films
    >>> films = load_films()
    >>> films
    <Films: 17,472 films, 19,367 attributes, 14.7 a film>
    >>> film = films.titles.index("Seven Samurai")
    >>> int(films.years[film]), films.attributes_of(film)[:5]
    (1954, ['genre:Drama', 'genre:Action', 'genre:Adventure', 'decade:1950', 'country:Japan'])
    >>> column = films.matrix[:, [films.index["dir:Akira Kurosawa"]]]
    >>> int(column.sum()), [films.titles[row] for row in column.nonzero()[0][5:7]]
    (27, ['Stray Dog', 'Rashomon'])
    """

    titles: list[str]
    years: np.ndarray
    attributes: list[str]
    matrix: csr_array
    index: dict[str, int]

    def __repr__(self) -> str:
        n, D = self.matrix.shape
        return f"<Films: {n:,} films, {D:,} attributes, {self.matrix.nnz / n:.1f} a film>"

    def __len__(self) -> int:
        return len(self.titles)

    def attributes_of(self, i: int) -> list[str]:
        """The attributes of film `i`, the most frequent first.

        Raises
        ------
        TypeError
            If `i` is not an integer.
        IndexError
            If there is no film `i`.
        """
        row = row_of(i, len(self), "i")
        start, end = self.matrix.indptr[row : row + 2]
        return [self.attributes[column] for column in self.matrix.indices[start:end]]


def load_films(min_count: int = 3) -> Films:
    """17,472 films of Wikidata, 1940 to 2014.

    Parameters
    ----------
    min_count : int
        Attributes of fewer films are left out; at least 1. The default leaves 19,367 of 61,771 attributes, 14.7 of
        17.7 a film: somebody who is in one or two films links it to few others.

    Returns
    -------
    Films

    Raises
    ------
    TypeError
        If `min_count` is not an integer.
    ValueError
        If it is below 1.
    OSError
        If the data file is missing or damaged.

    Examples
    --------
    >>> from ptembed.data import load_films
    >>> films = load_films()
    >>> n, D = films.matrix.shape
    >>> n, D, f"{films.matrix.nnz / (n * D):.3%}"
    (17472, 19367, '0.076%')
    >>> films.attributes[:3]
    ['lang:English', 'country:United States', 'genre:Drama']
    """
    min_count = at_least_one(min_count, "min_count")
    titles, years, *values = read_table(FILES / FILE, COLUMNS)
    rows = [attributes_in(year, cells) for year, *cells in zip(years, *values, strict=True)]
    counts = Counter(attribute for row in rows for attribute in row)
    kept = [attribute for attribute, count in counts.items() if count >= min_count]
    attributes = sorted(kept, key=lambda attribute: (-counts[attribute], attribute))
    index = {attribute: column for column, attribute in enumerate(attributes)}
    return Films(titles, np.array(years, np.int16), attributes, incidence(rows, index), index)


def attributes_in(year: str, cells: list[str]) -> list[str]:
    """The attributes of a film from its year and its cells of values separated by ``|``."""
    named = [f"{kind}:{value}" for kind, cell in zip(KINDS, cells, strict=True) if cell for value in cell.split("|")]
    return [*named, f"decade:{year[:3]}0"]


def incidence(rows: list[list[str]], index: dict[str, int]) -> csr_array:
    """1 at (row, column) for each attribute of each row that is in `index`."""
    columns = [sorted(index[attribute] for attribute in row if attribute in index) for row in rows]
    indices = np.array([column for row in columns for column in row], np.int32)
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in columns])]).astype(np.int32)
    return csr_array((np.ones(len(indices), np.float32), indices, indptr), shape=(len(rows), len(index)))
