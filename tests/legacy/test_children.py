"""Children of ``multiprocessing`` that import the program anew: Python 2, with the drop-in."""

import pytest

PROGRAM = """\
import multiprocessing, sys
import numpy as np
import helper
class Half(object):
    def __init__(self, n): self.n = helper.half(np.int(n))
def work(n):
    import theano.tensor as T
    return Half(n), T.__name__
if __name__ == '__main__':
    pool = multiprocessing.get_context(sys.argv[1]).Pool(2)
    print sorted(set((h.n, isinstance(h, Half), name) for h, name in pool.map(work, xrange(6, 8)))), __name__
    pool.terminate()
"""


@pytest.mark.parametrize(
    "call", [("program.py", "spawn"), ("-m", "program", "forkserver")], ids=["spawn", "forkserver"]
)
def test_children_run_a_python2_program(python, tmp_path, call):
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "helper.py").write_text("def half(n): return n / 2\ndef unused(): print 'x'\n")
    done = python("-m", "ptembed", "run", *call, cwd=tmp_path, PTEMBED_CACHE=str(tmp_path / "cache"))
    assert done.stdout == "[(3, True, 'ptembed.theano.tensor')] __main__\n", done.stderr
