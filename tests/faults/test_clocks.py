"""A clock that jumps: what is measured is measured by one that cannot, and no file's age decides alone."""

import ast
import os
import time
from pathlib import Path

import numpy as np
import pytensor
import pytest

import ptembed
from ptembed.parallel import memory

#: Where the wall clock is read, and why that may jump.
ALLOWED = {
    "parallel/memory.py": "the age of a segment without a lock",
    "theano/compile/profiling.py": "Theano's own name, for reports",
    "theano/tests/disturb_mem.py": "Theano's own, for a length of garbage",
    "bench": "measures",
}
CLOCKS = {("time", "time"), ("time", "time_ns"), ("datetime", "now"), ("datetime", "utcnow"), ("date", "today")}


def test_nothing_of_ours_reads_the_wall_clock():
    root, found = Path(ptembed.__file__).parent, set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf8"))):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and (node.value.id, node.attr) in CLOCKS
            ):
                found.add(path.relative_to(root).as_posix())
    assert found and not [name for name in found if not name.startswith(tuple(ALLOWED))]


@pytest.mark.skipif(not os.path.isdir(memory.FOLDER), reason="segments are no files")
@pytest.mark.parametrize("jump", [-(10**7), 10**7])
def test_a_segment_in_use_outlasts_a_jump(jump, monkeypatch):
    W = pytensor.shared(np.ones((4, 3)), name="W")
    with memory.share_memory([W]):
        before = {name for name in os.listdir(memory.FOLDER) if name.startswith(f"ptembed-{os.getpid()}-")}
        now = time.time
        monkeypatch.setattr(memory.time, "time", lambda: now() + jump)
        memory.remove_orphans()
        monkeypatch.undo()
        after = {name for name in os.listdir(memory.FOLDER) if name.startswith(f"ptembed-{os.getpid()}-")}
        assert before and before == after
