"""The recipes as Theano users wrote them give Theano's numbers through the drop-in.

``expected.json`` was written by ``record.py`` under real Theano.
"""

import json
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
LEGACY_EXAMPLES = HERE.parents[1] / "examples" / "legacy"
EXPECTED = json.loads((HERE / "expected.json").read_text())
RECIPES = sorted((HERE / "recipes").glob("*.py"))
RTOL = {"float32": 1e-4, "float64": 1e-6}


@pytest.mark.parametrize("linker", ["py", pytest.param("cvm", marks=pytest.mark.slow)])
@pytest.mark.parametrize("floatX", ["float32", "float64"])
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_same_numbers_as_theano(theano, capsys, recipe, floatX, linker):
    with theano.config.change_flags(floatX=floatX, linker=linker):
        runpy.run_path(str(recipe), run_name="__main__")
    got = [float(line) for line in capsys.readouterr().out.split()]
    np.testing.assert_allclose(got, EXPECTED[recipe.stem][floatX], rtol=RTOL[floatX])


def test_every_recipe_was_recorded_with_real_theano():
    assert set(EXPECTED) == {"recorded with"} | {path.stem for path in RECIPES}
    assert EXPECTED["recorded with"]["theano"] == "1.0.5"
    assert EXPECTED["recorded with"]["python"].startswith("3.7.")


@pytest.mark.parametrize("path", [*RECIPES, *sorted(LEGACY_EXAMPLES.glob("*.py"))], ids=lambda path: path.name)
def test_is_a_theano_program(path):
    source = path.read_text()
    assert re.search(r"^import theano$", source, re.MULTILINE)
    assert not re.search(r"ptembed|pytensor", source, re.IGNORECASE)
