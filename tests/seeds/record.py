"""Writes what the recipes compute under real Theano into ``expected.json``.

Needs Theano 1.0.5 in a Python 3.7 (it works without a C++ compiler)::

    python3.7 -m pip install Theano==1.0.5 "numpy<1.17" "scipy<1.4"
    python3.7 tests/seeds/record.py
"""

import importlib
import json
import os
import platform
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FLAGS = "cxx=,optimizer_excluding=fusion"


def main():
    os.environ["THEANO_FLAGS"] = FLAGS
    import numpy
    import scipy
    import theano

    if "pytensor" in sys.modules:
        raise SystemExit(f"record.py needs the real Theano 1.0.5, but found another in {theano.__file__}.")
    versions = {
        "theano": theano.__version__,
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "python": platform.python_version(),
        "flags": FLAGS,
    }
    expected = {"recorded with": versions}
    sys.path.insert(0, str(HERE / "recipes"))
    for path in sorted((HERE / "recipes").glob("*.py")):
        recipe = importlib.import_module(path.stem)
        expected[path.stem] = {floatX: under(theano, floatX, recipe) for floatX in ("float32", "float64")}
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


def under(theano, floatX, recipe):
    theano.config.floatX = floatX
    return recipe.run()


if __name__ == "__main__":
    main()
