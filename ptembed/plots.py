"""Pictures of what was trained; each function draws on matplotlib ``Axes`` and returns them.

Needs the extra ``learn``. The map is t-SNE (van der Maaten and Hinton, 2008) of cosine distances: near words are near,
far distances mean little.
"""

import numpy as np

from ptembed.extras import needs

__all__ = ["loss_curve", "word_map"]


def loss_curve(steps, losses, ax=None):
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


def word_map(vectors, words, groups=None, ax=None, seed=0):
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
    ax.scatter(*points.T, c=groups, cmap="tab10", s=12)
    labels = [ax.text(x, y, word, fontsize=7) for (x, y), word in zip(points, words, strict=True)]
    needs("adjustText", "learn").adjust_text(labels, *points.T, ax=ax, arrowprops={"arrowstyle": "-", "lw": 0.3})
    ax.set(xticks=[], yticks=[])
    return ax


def _axes(ax):
    return needs("matplotlib.figure", "learn").Figure().subplots() if ax is None else ax
