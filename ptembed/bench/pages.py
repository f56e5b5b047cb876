"""The pages that the comparisons write, and their tables."""

from pathlib import Path

__all__ = ["markdown", "publish"]


def publish(page, out, name):
    """Write a page into the folder ``out``, and print it."""
    Path(out, name).write_text(page)
    print(page)


def markdown(head, rows):
    """A table of Markdown: a line each of the cells ``head``, of a rule, and of the cells of each of ``rows``."""
    return "".join("| " + " | ".join(line) + " |\n" for line in (head, ["---"] * len(head), *rows))
