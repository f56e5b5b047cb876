"""Tables for the pages that the comparisons write."""

__all__ = ["markdown"]


def markdown(head, rows):
    """A table of Markdown: a line each of the cells ``head``, of a rule, and of the cells of each of ``rows``."""
    return "".join("| " + " | ".join(line) + " |\n" for line in (head, ["---"] * len(head), *rows))
