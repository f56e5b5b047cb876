"""The pages of ``docs/legacy`` are whole."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "legacy"
PAGES = sorted(page.name for page in FOLDER.glob("*.md"))


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    links = re.findall(r"\]\((?!http)([^)#]+)", (FOLDER / name).read_text("utf8"))
    assert [link for link in links if not (FOLDER / link).exists()] == []


def test_the_index_has_all_pages():
    index = (FOLDER / "index.md").read_text("utf8")
    assert [name for name in PAGES if name != "index.md" and f"({name})" not in index] == []
