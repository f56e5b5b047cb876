"""``ptembed run`` against Python itself: the same program sees the same world."""

import json

import pytest

PROGRAM = """\
import json, sys
try:
    import theano
except ImportError:
    pass
print(json.dumps(dict(argv=sys.argv, name=__name__, file=globals().get('__file__'), path=sys.path[0],
                      main=sys.modules['__main__'].__dict__ is globals())))
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    (tmp_path / "package" / "__main__.py").write_text(PROGRAM)
    return tmp_path


@pytest.mark.parametrize(
    "call",
    [
        ("program.py", "--epochs", "3", "-c", "x"),
        ("-m", "program", "a", "-v"),
        ("-m", "package"),
        ("-c", PROGRAM, "a", "-b"),
        ("package", "a"),
    ],
    ids=["script", "module", "package", "command", "folder"],
)
def test_program_sees_what_python_gives_it(python, folder, call):
    direct, ours = python(*call, cwd=folder), python("-m", "ptembed", "run", *call, cwd=folder)
    assert (ours.returncode, ours.stderr) == (0, "")
    assert json.loads(ours.stdout) == json.loads(direct.stdout)


def test_script_on_standard_input(python, folder):
    direct, ours = python("-", "a", stdin=PROGRAM), python("-m", "ptembed", "run", "-", "a", stdin=PROGRAM)
    assert json.loads(ours.stdout) == json.loads(direct.stdout)


@pytest.mark.parametrize(
    "last_line",
    [
        "",
        "import sys; sys.exit(0)",
        "import sys; sys.exit(7)",
        "import sys; sys.exit('a reason')",
        "def f():\n    1 / 0\nf()",
        "x =",
    ],
)
def test_exit_status_and_traceback_are_pythons(python, tmp_path, last_line):
    (tmp_path / "program.py").write_text(f"import os\n{last_line}\n")
    direct, ours = python("program.py", cwd=tmp_path), python("-m", "ptembed", "run", "program.py", cwd=tmp_path)
    assert (ours.returncode, ours.stderr) == (direct.returncode, direct.stderr)


def test_an_interrupt_leaves_its_traceback(python, tmp_path):
    (tmp_path / "program.py").write_text("raise KeyboardInterrupt")
    direct, ours = python("program.py", cwd=tmp_path), python("-m", "ptembed", "run", "program.py", cwd=tmp_path)
    assert (ours.returncode, ours.stderr) == (130, direct.stderr)


def test_theano_is_there(python, tmp_path):
    done = python(
        "-m", "ptembed", "run", "-c", "import theano.tensor as T; from theano import sparse; print(T.ivector())"
    )
    assert (done.stdout, done.stderr) == ("<Vector(int32, shape=(?,))>\n", "")


CHILDREN = """\
import multiprocessing, sys
def work(i):
    import theano, theano.tensor as T
    return theano.__version__, T.__name__
if __name__ == '__main__':
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        print(set(pool.map(work, range(4))))
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_children_find_theano(python, tmp_path, method):
    (tmp_path / "program.py").write_text(CHILDREN)
    done = python("-m", "ptembed", "run", "program.py", method, cwd=tmp_path)
    assert done.stdout == "{('1.0.5', 'ptembed.theano.tensor')}\n", done.stderr


def test_children_find_theano_beside_a_folder_of_that_name(python, tmp_path):
    (tmp_path / "program.py").write_text(CHILDREN)
    (tmp_path / "theano").mkdir()
    done = python("-m", "ptembed", "run", "program.py", "spawn", cwd=tmp_path)
    assert done.stdout == "{('1.0.5', 'ptembed.theano.tensor')}\n", done.stderr


def test_missing_script_is_one_sentence(python, tmp_path):
    done = python("-m", "ptembed", "run", "nowhere.py", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "ptembed run: the script nowhere.py cannot be read: No such file or directory.\n"


def test_nothing_to_run_is_one_sentence(python):
    done = python("-m", "ptembed", "run")
    assert done.returncode == 2
    assert "a script is needed" in done.stderr.splitlines()[-1]


def test_a_program_may_put_its_own_range_into_builtins(python):
    program = """
import builtins
usual = builtins.range
builtins.range = lambda *bounds: usual(*bounds)
import theano, theano.tensor as T
print(theano.function([], T.sum(T.arange(4)) + T.constant(range(2)).sum())())
"""
    done = python("-m", "ptembed", "run", "-c", program)
    assert done.stdout.strip() == "7", done.stderr
