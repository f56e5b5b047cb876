"""Sphinx extension: each tutorial as a notebook, beside its page, with a link in the margin."""

from pathlib import Path

import jupytext


def write_notebooks(app, error):
    """Convert the tutorials with jupytext, without outputs."""
    if error is not None or app.builder.name != "html":
        return
    folder = Path(app.outdir, "notebooks")
    folder.mkdir(exist_ok=True)
    for source in sorted(Path(app.srcdir, "tutorials").glob("*.md")):
        if source.stem != "index":
            jupytext.write(jupytext.read(source, fmt="md:myst"), folder / f"{source.stem}.ipynb")


def setup(app):
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True}
