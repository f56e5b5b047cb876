"""Read ``ours.zip`` with real Theano 1.0.5 and write what it found: run on Python 2.7 and on 3.7, in this folder:

    THEANO_FLAGS=cxx= python read_ours.py

``ours.zip`` is what ``ours()`` of ``../test_pickles.py`` gives; it was written by, in this folder,

    PYTHONPATH=.. python -c "import test_pickles; open('ours.zip', 'wb').write(test_pickles.ours().getvalue())"
"""

from __future__ import print_function

import io
import json
import os
import sys

import theano.misc.pkl_utils

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    with open(os.path.join(HERE, "ours.zip"), "rb") as file:
        model = theano.misc.pkl_utils.load(file)
    model["W"].set_value(model["W"].get_value() + 1)
    found = {
        "names": [v.name for v in model["params"]],
        "types": [str(v.type) for v in model["params"]],
        "values": [v.get_value().tolist() for v in model["params"]],
        "same": model["params"][0] is model["W"],
        "sum": float((model["W"] * 2).sum().eval()),
        "rate": float(model["rate"]),
    }
    with io.open(os.path.join(HERE, "py%d%d" % sys.version_info[:2], "ours.json"), "w") as file:
        file.write(json.dumps(found, sort_keys=True, indent=0).encode().decode() + "\n")


if __name__ == "__main__":
    main()
