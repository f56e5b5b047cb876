"""The same seed on the same machine gives the same bytes: twice in a process, and in another with other hash seeds.

Hogwild with several processes is the exception: which of them writes first is up to the machine. And where compiled
code is not in PyTensor's cache yet, the process that compiles it may round the last bit of a reported loss otherwise
than those that take it from the cache (seen with Numba 0.68; the parameters are the same). So a process that may have
compiled is asked once more.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import runs
from runs import RUNS, content, digest

NEEDS = {"word_map": ["sklearn", "matplotlib", "adjustText"]}


@pytest.fixture(scope="module")
def elsewhere():
    """What each run gives in a fresh process, in the opposite order and with another hash seed."""
    return fresh_process(name for name in reversed(RUNS) if all(map(there, NEEDS.get(name, []))))


def fresh_process(names):
    path = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
    seed = "1" if os.environ.get("PYTHONHASHSEED") == "2" else "2"
    done = subprocess.run(
        [sys.executable, runs.__file__, *names],
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def there(module):
    try:
        __import__(module)
    except ImportError:
        return False
    return True


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", RUNS)
def test_the_same_bytes(name, elsewhere):
    for module in NEEDS.get(name, []):
        pytest.importorskip(module)
    here = digest(name)
    assert here == digest(name)
    assert here == elsewhere[name] or here == fresh_process([name])[name]


def test_one_bit_makes_a_difference():
    x = np.ones(3)
    y = x.copy()
    y.view("uint8")[0] ^= 1
    assert content([x, {"a": 1}]) == content([x.copy(), {"a": 1}]) != content([y, {"a": 1}])
    assert content(x) != content(x.astype("float32")) and content(x) != content(x[None])


def test_all_optimizers_are_run():
    from ptembed import graphs

    others = {"constant", "cosine", "exponential_decay", "inverse_time", "step_counter", "step_decay", "warm_up"}
    others |= {"PerStep", "gradients", "lazily", "per_row", "Rows", "rows"}
    others |= {"clip_global", "clip_rows", "l2", "max_norm"}
    known = {name for name in vars(graphs) if name[0] != "_" and callable(getattr(graphs, name))}
    assert known - others == {name.split(": ")[1] for name in RUNS if name.startswith("optimizer: ")}
