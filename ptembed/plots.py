"""Pictures of what was trained; each function draws on matplotlib ``Axes`` and returns them.

Needs the extra ``learn``. The map is t-SNE (van der Maaten and Hinton, 2008) of cosine distances: near words are near,
far distances mean little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ptembed.extras import needs
from ptembed.kinds import Matrix

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cost_curves", "factor_table", "loss_curve", "neighbour_bars", "topic_table", "word_map"]


def loss_curve(steps: ArrayLike, losses: ArrayLike, ax: Axes | None = None) -> Axes:
    """The loss against what was done until then.

    Parameters
    ----------
    steps : array, shape (n,)
        Steps, triples or seconds.
    losses : array, shape (n,)
    ax : matplotlib Axes, optional
        Drawn on; a new figure's by default.

    Returns
    -------
    matplotlib Axes
    """
    ax = _axes(ax)
    ax.plot(steps, losses)
    ax.set_ylabel("loss")
    ax.grid(alpha=0.3)
    return ax


def word_map(
    vectors: np.ndarray,
    words: Sequence[str],
    groups: Sequence[int] | None = None,
    ax: Axes | None = None,
    seed: int = 0,
) -> Axes:
    """The vectors in two dimensions, each with its word; words that would overlap are moved apart.

    Parameters
    ----------
    vectors : array, shape (n, d)
        At least 4 rows.
    words : sequence of n str
    groups : sequence of n int, optional
        Words of one group have one colour.
    ax : matplotlib Axes, optional
        Drawn on; a new figure's by default.
    seed : int
        Of t-SNE.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ImportError
        Without scikit-learn, matplotlib or adjustText.
    ValueError
        If there are fewer than 4 words, or not as many words as vectors.
    """
    vectors = np.asarray(vectors)
    if len(vectors) != len(words) or len(words) < 4:
        raise ValueError(
            f"A map needs as many words as vectors, at least 4: got {len(words)} words and {len(vectors)} vectors."
        )
    manifold = needs("sklearn.manifold", "learn")
    perplexity = min(15, (len(words) - 1) / 3)
    tsne = manifold.TSNE(metric="cosine", init="random", perplexity=perplexity, random_state=seed)
    points = tsne.fit_transform(vectors)
    ax = _axes(ax)
    ax.scatter(points[:, 0], points[:, 1], c=groups, cmap="tab10", s=12)
    labels = [ax.text(x, y, word, fontsize=7) for (x, y), word in zip(points, words, strict=True)]
    needs("adjustText", "learn").adjust_text(labels, *points.T, ax=ax, arrowprops={"arrowstyle": "-", "lw": 0.3})
    ax.set(xticks=[], yticks=[])
    return ax


def neighbour_bars(near: Sequence[tuple[str, float]], ax: Axes | None = None) -> Axes:
    """The nearest words as bars, the nearest on top.

    Parameters
    ----------
    near : list of (str, float)
        Words and cosines, as ``most_similar`` of the estimators gives them.
    ax : matplotlib Axes, optional
        Drawn on; a new figure's by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If there is no word.
    """
    if not near:
        raise ValueError("There must be a word to draw, got none.")
    words, cosines = zip(*near, strict=True)
    ax = _axes(ax)
    bars = ax.barh(range(len(words)), cosines)
    ax.bar_label(bars, fmt="%.2f", padding=3, fontsize=8)
    ax.set_yticks(range(len(words)), words)
    ax.invert_yaxis()
    ax.set_xlabel("cosine")
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def topic_table(topics: Sequence[Sequence[str]], names: Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """Topics as a table, a row each, their words from left to right.

    Parameters
    ----------
    topics : sequence of sequences of str
        As many words of each, as ``topics`` of the estimators gives them.
    names : sequence of str, optional
        Of the rows; numbers by default.
    ax : matplotlib Axes, optional
        Drawn on; a new figure's by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If there is no topic, or topics differ in length.
    """
    if not topics or len({len(topic) for topic in topics}) != 1:
        raise ValueError(f"Topics must have as many words each, got {[len(topic) for topic in topics]}.")
    ax = _axes(ax, figsize=(6.4, 0.3 + 0.25 * len(topics)))
    labels = list(map(str, range(len(topics)))) if names is None else list(names)
    table = ax.table([list(topic) for topic in topics], rowLabels=labels, loc="center", cellLoc="left", edges="open")
    table.auto_set_font_size(False)
    table.set_fontsize(8)
    table.scale(1, 1.2)
    ax.axis("off")
    return ax


def factor_table(W: Matrix, rows: Sequence[str], columns: Sequence[str], ax: Axes | None = None) -> Axes:
    """Numbers of a factor as shades, with the names of rows and columns.

    Parameters
    ----------
    W : array, shape (n, k)
    rows, columns : sequences of n and k str
    ax : matplotlib Axes, optional
        Drawn on; a new figure's by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If the names do not fit the array.
    """
    W = np.asarray(W)
    if W.shape != (len(rows), len(columns)):
        raise ValueError(
            f"A factor must have a name for each row and column: got {W.shape}, {len(rows)}, {len(columns)}."
        )
    ax = _axes(ax)
    image = ax.imshow(W, aspect="auto", cmap="Blues" if (W >= 0).all() else "RdBu")
    ax.set_xticks(range(len(columns)), columns, rotation=45, ha="right", fontsize=8)
    ax.set_yticks(range(len(rows)), rows, fontsize=8)
    ax.figure.colorbar(image, ax=ax, shrink=0.8)
    return ax


def cost_curves(
    sizes: ArrayLike, costs: Mapping[str, ArrayLike], ax: Axes | None = None, unit: str = "seconds"
) -> Axes:
    """What something costs against its size, both on logarithmic scales.

    Parameters
    ----------
    sizes : array, shape (n,)
        Positive.
    costs : dict of str to array, shape (n,)
        A line each; NaN where nothing was measured.
    ax : matplotlib Axes, optional
        Drawn on; a new figure's by default.
    unit : str

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If a line has another length.
    """
    wrong = {name: np.size(line) for name, line in costs.items() if np.size(line) != np.size(sizes)}
    if wrong:
        raise ValueError(f"Each line must have {np.size(sizes)} numbers, got {wrong}.")
    ax = _axes(ax)
    for name, line in costs.items():
        ax.plot(sizes, line, marker="o", label=name)
    ax.set(xscale="log", yscale="log", ylabel=unit)
    ax.grid(alpha=0.3)
    ax.legend()
    return ax


def _axes(ax, **options):
    return needs("matplotlib.pyplot", "learn").subplots(layout="constrained", **options)[1] if ax is None else ax
