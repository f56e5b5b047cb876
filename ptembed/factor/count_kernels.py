"""The loops that count which words occur together.

All places of one word are taken after the other, and its neighbours are added up in one array of the vocabulary's size,
which stays in the cache. So there are no pairs to keep or to sort: O(T w) for T tokens and w neighbours. The neighbours
of a word come in any order; transposing twice by counting puts them in theirs, O(s) for s counts. Where both sides
count, a pair is added up once, with the word of the larger number. In whole texts that word meets but the words that
have been through before it, each text being filled up with them as they go.

Read next: :mod:`ptembed.factor.counts`.
"""

from typing import Any

import numpy as np
from numba import njit

from ptembed.ops.prefetch import prefetch_row

__all__ = ["count_before", "count_both_sides", "merge_rows", "transposed"]

AHEAD = 8  # places that are asked for before they are needed


@njit(nogil=True, cache=True)
def places_by_word(tokens, n_words):
    """Give the places of each word, in order: those of word u are ``places[starts[u]:starts[u + 1]]``."""
    starts = np.zeros(n_words + 1, np.int64)
    for u in tokens:
        starts[u + 1] += 1
    for u in range(n_words):
        starts[u + 1] += starts[u]
    following, places = starts[:-1].copy(), np.empty(len(tokens), np.int32)
    for i in range(len(tokens)):
        places[following[tokens[i]]] = i
        following[tokens[i]] += 1
    return starts, places


@njit(nogil=True, cache=True)
def numbers_of_texts(offsets, n_tokens):
    """Give the number of the text that each token is in."""
    texts = np.empty(n_tokens, np.int32)
    for d in range(len(offsets) - 1):
        texts[offsets[d] : offsets[d + 1]] = d
    return texts


@njit(nogil=True, cache=True)
def grown(array, size):
    """Give the array with room for ``size`` numbers, and half as many again."""
    if len(array) >= size:
        return array
    larger = np.empty(size + size // 2, array.dtype)
    larger[: len(array)] = array
    return larger


@njit(nogil=True, cache=True)
def count_neighbours(tokens, offsets, n_words, weights, half, data):
    """Count the neighbours of each word in a block of texts, columns in any order.

    Parameters
    ----------
    tokens, offsets : int arrays
        See :mod:`ptembed.factor.vocabulary`.
    n_words : int
    weights : float64 array, shape (w + 1,)
        What a neighbour at each distance counts; ``weights[0]`` is not read. Without any, a whole text is one window,
        and all count 1.
    half : bool
        Whether neighbours on both sides count, but only words of the same or a smaller number; else those that follow.
    data : float array, shape (0,)
        Of the dtype wanted.

    Returns
    -------
    indptr, indices, data
        Of a matrix, shape (n_words, n_words).
    """
    starts, places = places_by_word(tokens, n_words)
    texts, window = numbers_of_texts(offsets, len(tokens)), len(weights) - 1
    sums, touched = np.zeros(n_words), np.empty(n_words + 1, np.int32)
    indptr, indices, end = np.zeros(n_words + 1, np.int64), np.empty(len(tokens), np.int32), 0
    data = np.empty(len(tokens), data.dtype)
    for u in range(n_words):
        many, most = 0, u if half else n_words
        for place in range(starts[u], starts[u + 1]):
            ask_for(place, places, texts, offsets, tokens)
            i = places[place]
            first, last = offsets[texts[i]], offsets[texts[i] + 1]
            if window >= 0:
                first, last = max(first, i - window), min(last, i + window + 1)
            if half:
                many = add_range(tokens, first, i, i, most, weights, sums, touched, many)
            many = add_range(tokens, i + 1, last, i, most, weights, sums, touched, many)
        indices, data = grown(indices, end + many), grown(data, end + many)
        end = move_row(sums, touched[:many], indices, data, end)
        indptr[u + 1] = end
    return indptr, indices[:end], data[:end]


@njit(nogil=True, cache=True)
def count_in_texts(tokens, offsets, n_words, data):
    """Count the words of the same or a smaller number in the same text, columns in any order.

    A text holds the words that have been through, those of smaller numbers; see :func:`count_neighbours`.
    """
    starts, texts = texts_by_word(tokens, offsets, n_words)
    filled, held = np.stack((offsets[:-1], offsets[:-1]), axis=1), np.empty(len(tokens), np.int32)
    sums, touched = np.zeros(n_words), np.empty(n_words + 1, np.int32)
    indptr, indices, end = np.zeros(n_words + 1, np.int64), np.empty(len(tokens), np.int32), 0
    data = np.empty(len(tokens), data.dtype)
    for u in range(n_words):
        many = 0
        for place in range(starts[u], starts[u + 1]):
            prefetch_row(filled, texts[min(place + 2 * AHEAD, len(texts) - 1)])
            prefetch_row(held, filled[texts[min(place + AHEAD, len(texts) - 1)], 0])
            text = filled[texts[place]]
            for v in held[text[0] : text[1]]:
                before = sums[v]
                touched[many] = v
                many += before == 0
                sums[v] = before + 1
            held[text[1]] = u
            text[1] += 1
        sums[u] *= 2
        indices, data = grown(indices, end + many), grown(data, end + many)
        end = move_row(sums, touched[:many], indices, data, end)
        indptr[u + 1] = end
    return indptr, indices[:end], data[:end]


@njit(nogil=True, cache=True)
def texts_by_word(tokens, offsets, n_words):
    """Give the texts of each word, in order, as often as it is in them: see :func:`places_by_word`."""
    starts, places = places_by_word(tokens, n_words)
    return starts, numbers_of_texts(offsets, len(tokens))[places]


@njit(nogil=True, cache=True)
def move_row(sums, touched, indices, data, end):
    """Move the sums of words, which are set to 0, behind ``end``; gives the new end."""
    for v in touched:
        indices[end], data[end], sums[v] = v, sums[v], 0
        end += 1
    return end


@njit(nogil=True, cache=True)
def add_range(tokens, first, last, i, most, weights, sums, touched, many):
    """Add the neighbours of place ``i`` in a range of places; gives how many words have been touched.

    A word is written behind those touched whether it is new or not: that costs less than to guess wrong.
    """
    for j in range(first, last):
        v = tokens[j]
        if v > most:
            continue
        before = sums[v]
        touched[many] = v
        many += before == 0
        sums[v] = before + (weights[abs(i - j)] if len(weights) else 1.0)
    return many


@njit(nogil=True, cache=True)
def ask_for(place, places, texts, offsets, tokens):
    """Ask for what places of the word that come soon will read, which lies anywhere in the block."""
    soon, sooner = places[min(place + 2 * AHEAD, len(places) - 1)], places[min(place + AHEAD, len(places) - 1)]
    prefetch_row(texts, soon)
    prefetch_row(tokens, soon)
    prefetch_row(offsets, texts[sooner])


@njit(nogil=True, cache=True)
def transposed(indptr: Any, indices: Any, data: Any) -> Any:
    """Transpose a square CSR matrix; the rows of the result are in order."""
    starts = np.zeros_like(indptr)
    for j in indices:
        starts[j + 1] += 1
    for j in range(len(starts) - 1):
        starts[j + 1] += starts[j]
    following, rows, values = starts[:-1].copy(), np.empty_like(indices), np.empty_like(data)
    for i in range(len(indptr) - 1):
        for q in range(indptr[i], indptr[i + 1]):
            at = following[indices[q]]
            following[indices[q]] = at + 1
            rows[at], values[at] = i, data[q]
    return starts, rows, values


@njit(nogil=True, cache=True)
def mirrored(indptr, indices, data):
    """Give the symmetric matrix of a lower triangle whose columns are in any order; its own are in order."""
    n = len(indptr) - 1
    below, starts = np.zeros(n, np.int64), np.zeros(n + 1, np.int64)
    for u in range(n):
        for v in indices[indptr[u] : indptr[u + 1]]:
            below[u] += v < u
            starts[v + 1] += 1
    for u in range(n):
        starts[u + 1] += starts[u] + below[u]
    rows, values = np.empty(starts[n], np.int32), np.empty(starts[n], data.dtype)
    following = starts[:-1] + below
    for u in range(n):
        for q in range(indptr[u], indptr[u + 1]):
            v = indices[q]
            at = following[v]
            following[v] = at + 1
            rows[at], values[at] = u, data[q]
    middle = starts[:-1] + below
    following = starts[:-1].copy()
    for v in range(n):
        for q in range(middle[v], starts[v + 1]):
            u = rows[q]
            if u > v:
                at = following[u]
                following[u] = at + 1
                rows[at], values[at] = v, values[q]
    return starts, rows, values


def count_both_sides(tokens: Any, offsets: Any, n_words: Any, weights: Any, dtype: Any) -> Any:
    """Count the neighbours of each word on both sides; see :func:`count_neighbours`. Gives a CSR matrix in order."""
    nothing = np.empty(0, dtype)
    if len(weights):
        return mirrored(*count_neighbours(tokens, offsets, n_words, weights, True, nothing))
    return mirrored(*count_in_texts(tokens, offsets, n_words, nothing))


def count_before(tokens: Any, offsets: Any, n_words: Any, weights: Any, dtype: Any) -> Any:
    """Count what precedes each word, the transpose of what follows it; see :func:`count_neighbours`."""
    return transposed(*count_neighbours(tokens, offsets, n_words, weights, False, np.empty(0, dtype)))


@njit(nogil=True, cache=True)
def take_row(sums, touched, many, indices, data, end):
    """Move the sums of the columns ``touched[:many]`` behind ``end``, in order, and set them to 0."""
    if 16 * many > len(sums):
        for column in range(len(sums)):
            if sums[column] != 0:
                indices[end], data[end] = column, sums[column]
                sums[column] = 0
                end += 1
        return end
    for column in np.sort(touched[:many]):
        if sums[column] != 0:
            indices[end], data[end] = column, sums[column]
            sums[column] = 0
            end += 1
    return end


@njit(nogil=True, cache=True)
def add_rows(indptr, indices, data, sums, touched, many, u):
    """Add row ``u`` of a block to the sums; gives how many columns have been touched."""
    for q in range(indptr[u] - indptr[0], indptr[u + 1] - indptr[0]):
        v = indices[q]
        if sums[v] == 0:
            touched[many] = v
            many += 1
        sums[v] += data[q]
    return many


@njit(nogil=True, cache=True)
def merge_rows(
    indptrs: Any,
    indices: Any,
    data: Any,
    positions: Any,
    n_rows: Any,
    n_columns: Any,
    least: Any,
    ends: Any,
    out_indices: Any,
    out_data: Any,
) -> Any:
    """Add up some rows of several blocks.

    Parameters
    ----------
    indptrs : int64 array, shape (blocks, rows + 1)
    indices, data : arrays
        Those rows of all blocks, block after block.
    positions : int64 array, shape (blocks,)
        Where a block begins in them.
    n_rows, n_columns : int
    least : float
        Sums below this are left out.
    ends : int64 array, shape (rows,)
        Is set to where a row ends.
    out_indices, out_data : arrays
        As long as ``indices``.

    Returns
    -------
    int
        The non-zeros written.
    """
    sums, touched, end = np.zeros(n_columns), np.empty(n_columns, np.int64), 0
    for u in range(n_rows):
        many = 0
        for b in range(len(positions)):
            begin = positions[b]
            many = add_rows(indptrs[b], indices[begin:], data[begin:], sums, touched, many, u)
        for t in range(many):
            if sums[touched[t]] < least:
                sums[touched[t]] = 0
        end = take_row(sums, touched, many, out_indices, out_data, end)
        ends[u] = end
    return end
