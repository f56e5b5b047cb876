"""Sphinx extension: in the written pages each link to a page, or to a place in one, must lead somewhere."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.errors import ExtensionError


class Page(HTMLParser):
    """What a page has: names of places, and links."""

    def __init__(self, path):
        super().__init__()
        self.places, self.links = {""}, set()
        self.feed(path.read_text(encoding="utf8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.places |= {attributes.get("id"), attributes.get("name")}
        self.links |= {attributes.get("href") if tag in ("a", "link") else None, attributes.get("src")} - {None}


def lost_links(folder):
    """Give the links of all pages that lead nowhere, as ``page: link``."""
    pages = {path.resolve(): Page(path) for path in folder.rglob("*.html")}
    for path, page in pages.items():
        if path.relative_to(folder.resolve()).parts[0].startswith("_"):  # sources and the theme's parts
            continue
        for link in sorted(page.links):
            parts = urlsplit(link)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            if parts.scheme or parts.netloc:
                continue
            if not target.exists() or (target in pages and unquote(parts.fragment) not in pages[target].places):
                yield f"{path.relative_to(folder.resolve())}: {link}"


def check(app, error):
    if error is None and app.builder.name == "html":
        lost = list(lost_links(Path(app.outdir)))
        if lost:
            raise ExtensionError("links lead nowhere:\n" + "\n".join(lost))


def setup(app):
    app.connect("build-finished", check, priority=900)
    return {"parallel_read_safe": True}
