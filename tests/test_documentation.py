"""The documentation: its commands are ones that there are, its imports lead somewhere, and so do its links.

Tutorials are executed when the pages are built; here their code is read only.
"""

import ast
import importlib
import re
import shlex
from pathlib import Path

import pytest

from ptembed import cli

CHECKOUT = Path(__file__).resolve().parent.parent
OUT = {"_build", "reference"}
PAGES = [CHECKOUT / "README.md", CHECKOUT / "examples/README.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
PAGES = [page for page in PAGES if not OUT & set(page.parts)]
FENCE = re.compile(r"^ *```(?:\{code-cell\} )?([\w{}-]*).*?\n(.*?)^ *```", re.M | re.S)
INDENTED = re.compile(r"(?:^\n|\A)((?:^    .*\n)+)", re.M)
CALL = re.compile(r"(?:^|[|&;`] *)((?:python -m )?ptembed [^|&;#`>\n]*)", re.M)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def blocks(page):
    return [(kind, text) for kind, text in FENCE.findall(page.read_text(encoding="utf8"))]


def commands(page):
    """Give the calls of ptembed in code, but for those that stand for several (with ... or brackets)."""
    text = page.read_text(encoding="utf8")
    code = [body for kind, body in FENCE.findall(text) if kind != "python"] + INDENTED.findall(text)
    found = [call.strip() for body in code for call in CALL.findall(re.sub(r"^    ", "", body, flags=re.M))]
    return [call for call in found if "..." not in call and "[" not in call]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_commands_are_ones_that_there_are(page):
    for call in commands(page):
        words = shlex.split(call.replace("python -m ptembed", "ptembed"))[1:]
        try:
            cli.parser().parse_args(words)
        except SystemExit as stop:
            assert stop.code == 0, call


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_code_is_python_and_imports_what_there_is(page):
    for kind, text in blocks(page):
        if kind != "python" or text.startswith("%"):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ptembed":
                module = importlib.import_module(node.module)
                for name in node.names:
                    assert hasattr(module, name.name) or importlib.import_module(f"{node.module}.{name.name}"), (
                        name.name
                    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_lead_somewhere(page):
    lost = [link for link in LINK.findall(page.read_text(encoding="utf8")) if not (page.parent / link).exists()]
    assert lost == []


def test_the_tests_above_see_something():
    assert sum(len(commands(page)) for page in PAGES) > 10
    assert sum(kind == "python" for page in PAGES for kind, _ in blocks(page)) > 40


def test_flags_are_as_said(python):
    flags = CHECKOUT / "docs/legacy/flags.md"
    code = next(text for kind, text in blocks(flags) if kind == "python")
    done = python("-m", "ptembed", "run", "-c", f"import theano\n{code}\nprint(theano.config.floatX)")
    assert (done.returncode, done.stdout) == (0, "float32\n"), done.stderr
