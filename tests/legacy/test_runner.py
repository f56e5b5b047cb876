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


PYTHON2 = """\
import sys, helper
print "half", helper.half(7), __name__, sys.argv[1:]
if "fail" in sys.argv:
    helper.fail(0)
"""
HELPER = "def half(n): return n / 2\ndef fail(n):\n    print >>sys.stderr, 1 / n\nimport sys\n"


@pytest.fixture
def old_program(tmp_path):
    (tmp_path / "program.py").write_text(PYTHON2)
    (tmp_path / "helper.py").write_text(HELPER)
    return tmp_path


@pytest.mark.parametrize("call", [("program.py", "a", "-m"), ("-m", "program", "a", "-m")], ids=["script", "module"])
def test_python2_program(python, old_program, call):
    done = python("-m", "ptembed", "run", *call, cwd=old_program)
    assert (done.stdout, done.stderr, done.returncode) == ("half 3 __main__ ['a', '-m']\n", "", 0)


def test_python2_text(python):
    done = python("-m", "ptembed", "run", "-c", "print 7 / 2, __name__")
    assert (done.stdout, done.stderr) == ("3 __main__\n", "")


def test_a_traceback_of_python2_has_the_users_lines_alone(python, old_program):
    done = python("-m", "ptembed", "run", "program.py", "fail", cwd=old_program)
    assert done.returncode == 1
    assert done.stderr == (
        "Traceback (most recent call last):\n"
        f'  File "{old_program}/program.py", line 4, in <module>\n    helper.fail(0)\n'
        f'  File "{old_program}/helper.py", line 3, in fail\n    print >>sys.stderr, 1 / n\n'
        "ZeroDivisionError: integer division or modulo by zero\n"
    )


def test_python2_elsewhere_has_to_be_named(python, old_program):
    (old_program / "main").mkdir()
    (old_program / "main" / "new.py").write_text(
        "import sys\nsys.path.append('..')\nimport helper\nprint(helper.half(7))\n"
    )
    call = ("-m", "ptembed", "run")
    assert "Error" in python(*call, "-m", "program", cwd=old_program / "main").stderr
    (old_program / "main" / "print.py").write_text("import sys\nsys.path.append('..')\nimport program\n")
    refused = python(*call, "print.py", cwd=old_program / "main").stderr.splitlines()
    assert refused[-2].startswith("SyntaxError: Missing parentheses in call to 'print'")
    assert refused[-1].endswith(f"program.py is Python 2: pass --path {old_program / 'main'}/.. to translate it.")
    assert python(*call, "--path", "..", "--python2", "new.py", cwd=old_program / "main").stdout == "3\n"
    assert python(*call, "--python3", "new.py", cwd=old_program / "main").stdout == "3.5\n"
    done = python(*call, "--path", "nowhere", "new.py", cwd=old_program / "main")
    assert done.returncode == 2 and done.stderr.startswith("ptembed run: Python 2 sources are looked for below folders")


def test_python2_that_cannot_be_translated_is_not_started(python, tmp_path):
    (tmp_path / "program.py").write_text("print 'started'\nx = = 1\n")
    done = python("-m", "ptembed", "run", "program.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert f'File "{tmp_path}/program.py", line 2' in done.stderr
    assert done.stderr.endswith("SyntaxError: invalid syntax in Python 2 at '='\n")


def test_flags_that_the_program_sets_before_it_imports_theano_count(python):
    program = """
import os
os.environ['THEANO_FLAGS'] = 'floatX=float32'
import theano.tensor as T, theano, ptembed.theano.scalar
print(T.vector().dtype, theano is ptembed.theano, theano.scalar is ptembed.theano.scalar)
"""
    done = python("-m", "ptembed", "run", "-c", program)
    assert (done.stdout, done.stderr) == ("float32 True True\n", "")
