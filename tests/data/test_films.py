"""The films: sizes, some that everybody can check, the matrix against the text of the file, bad input."""

from collections import Counter

import numpy as np
import pytest

from ptembed.data import films, load_films, table


@pytest.fixture(scope="module")
def loaded():
    return load_films()


@pytest.fixture(scope="module")
def whole():
    return load_films(min_count=1)


def test_sizes(loaded, whole):
    n, D = loaded.matrix.shape
    assert (n, D) == (len(loaded), len(loaded.attributes)) == (17_472, 19_367)
    assert loaded.matrix.nnz / (n * D) == pytest.approx(0.00076, abs=5e-7)
    assert loaded.matrix.nnz / n == pytest.approx(14.7, abs=0.05)
    assert whole.matrix.shape == (17_472, 61_771)
    assert repr(loaded) == "<Films: 17,472 films, 19,367 attributes, 14.7 a film>"


def test_matrix_is_binary_float32_with_sorted_int32_indices(loaded):
    assert loaded.matrix.dtype == np.float32
    assert loaded.matrix.indices.dtype == np.int32
    assert (loaded.matrix.data == 1).all()
    assert loaded.matrix.has_canonical_format


def test_years(loaded):
    assert loaded.years.dtype == np.int16
    assert (loaded.years.min(), loaded.years.max()) == (1940, 2014)
    for i in (0, 5_000, -1):
        assert f"decade:{loaded.years[i] // 10 * 10}" in loaded.attributes_of(i)


def test_films_that_everybody_can_check(loaded):
    film = loaded.titles.index("Seven Samurai")
    attributes = loaded.attributes_of(film)
    assert attributes[:5] == ["genre:Drama", "genre:Action", "genre:Adventure", "decade:1950", "country:Japan"]
    assert {"lang:Japanese", "dir:Akira Kurosawa", "cast:Toshirō Mifune"} <= set(attributes)
    column = loaded.matrix[:, [loaded.index["cast:Ed Begley, Jr."]]]
    assert loaded.titles.index("The Computer Wore Tennis Shoes") in column.nonzero()[0]


def test_attributes_are_those_of_the_file(whole):
    titles, years, *cells = table.read_table(table.FILES / films.FILE, films.COLUMNS)
    assert whole.titles == titles
    for i in range(0, len(titles), 97):
        expected = [f"{k}:{value}" for k, cell in zip(films.KINDS, cells, strict=True) for value in cell[i].split("|")]
        expected = {attribute for attribute in expected if not attribute.endswith(":")} | {f"decade:{years[i][:3]}0"}
        assert len(whole.attributes_of(i)) == len(expected)
        assert set(whole.attributes_of(i)) == expected


def test_the_threshold_drops_the_rare_and_nothing_else(loaded, whole):
    counts = Counter(attribute for i in range(len(whole)) for attribute in whole.attributes_of(i))
    assert set(loaded.attributes) == {attribute for attribute, count in counts.items() if count >= 3}
    order = [(-counts[attribute], attribute) for attribute in loaded.attributes]
    assert order == sorted(order)
    assert [loaded.index[attribute] for attribute in loaded.attributes] == list(range(len(loaded.attributes)))
    np.testing.assert_array_equal(loaded.matrix.sum(axis=0), [counts[attribute] for attribute in loaded.attributes])


def test_kinds(whole):
    kinds = Counter(attribute.split(":")[0] for attribute in whole.attributes)
    assert kinds == {"cast": 53_128, "dir": 8_282, "lang": 196, "country": 136, "genre": 21, "decade": 8}
    assert not {"cast:Jr.", "dir:Jr.", "cast:Sr.", "cast:III"} & set(whole.attributes)


def test_a_threshold_above_all_counts_leaves_films_without_attributes():
    films = load_films(min_count=20_000)
    assert films.matrix.shape == (17_472, 0)
    assert films.attributes_of(0) == []


@pytest.mark.parametrize(("value", "error"), [(0, ValueError), (2.0, TypeError)])
def test_bad_counts(value, error):
    with pytest.raises(error, match=r"^min_count must be .*; pass 1 or more\.$"):
        load_films(min_count=value)


@pytest.mark.parametrize(("i", "error"), [(17_472, IndexError), (-17_473, IndexError), ("Ran", TypeError)])
def test_bad_rows(loaded, i, error):
    with pytest.raises(error, match=r"^i must be .*; pass 0 to 17471\.$"):
        loaded.attributes_of(i)


def test_a_missing_file_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(films, "FILES", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"films\.tsv\.xz is missing"):
        load_films()
