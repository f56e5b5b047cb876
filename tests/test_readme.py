"""The README's example gives what the README says."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf8")


@pytest.fixture(scope="module")
def printed_and_promised(python_once):
    code, output = re.search(r"```python\n(.*?)```\n+```text\n(.*?)```", README, re.DOTALL).groups()
    done = python_once("-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), output.splitlines()


def test_loss_falls_as_promised(printed_and_promised):
    got, promised = ([float(x) for x in re.findall(r"\d+\.\d+", lines[0])] for lines in printed_and_promised)
    assert got == pytest.approx(promised, abs=0.02)


def test_most_neighbours_are_those_promised(printed_and_promised):
    """Sums in another order, by another BLAS, may change the last ones."""
    for got, promised in zip(*(lines[1:] for lines in printed_and_promised), strict=True):
        word, neighbours = got.split(": ")
        assert promised.startswith(f"{word}: ")
        assert len(set(neighbours.split(", ")) & set(promised.split(": ")[1].split(", "))) >= 3


def test_links_lead_somewhere():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (Path(__file__).resolve().parent.parent / link).exists()] == []
