"""Sphinx extension: formulas as MathML, which browsers show by themselves: no script, no network, any colour scheme."""

import html

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

log = logging.getLogger(__name__)
NO_BREAK = "&#8288;"  # else a comma after a formula may begin the next line


def markup(node, as_block):
    """Translate a formula; what cannot be is a warning of the build."""
    try:
        return tex2mathml(node.astext().strip(), as_block=as_block)
    except MathError as error:
        log.warning("formula: %s: %s", error, node.astext(), location=node)
        return f"<code>{html.escape(node.astext())}</code>"


def visit_inline(translator, node):
    translator.body.append(markup(node, False) + NO_BREAK)
    raise nodes.SkipNode


def visit_block(translator, node):
    translator.body.append(f'<div class="formula">{markup(node, True)}</div>')
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True}
