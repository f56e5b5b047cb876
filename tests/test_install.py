"""What a user has after ``pip install``: ``import theano`` with no other step, in whatever starts Python."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent

CHILDREN = """\
import multiprocessing, sys
def work(i):
    import theano.tensor as T
    return T.__name__
if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        print(set(pool.map(work, range(4))))
"""

NOTEBOOK = """\
import nbclient, nbformat
cell = nbformat.v4.new_code_cell("import theano; print(theano.__name__, theano.__version__)")
book = nbformat.v4.new_notebook(cells=[cell])
nbclient.NotebookClient(book, kernel_name="python3", timeout=120).execute()
print(book.cells[0].outputs[0].text, end="")
"""

TEST = """\
import theano.tensor as T
def test_it():
    assert T.dot([1.0, 2.0], T.constant([3.0, 4.0])).eval() == 11
"""


@pytest.fixture(scope="module", params=["wheel", "editable"])
def installed(request, tmp_path_factory):
    """A Python with ptembed installed beside the libraries of the Python that runs the tests; started elsewhere."""
    folder = tmp_path_factory.mktemp(request.param)
    venv.create(folder / "env")
    python = folder / "env" / "bin" / "python"
    site = next((folder / "env" / "lib").glob("python*/site-packages"))
    libraries = Path(pytest.__file__).resolve().parent.parent
    how = ["--editable", str(CHECKOUT)] if request.param == "editable" else [str(CHECKOUT)]
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", *how]
    subprocess.run(pip, check=True, cwd=folder)
    # After ours, so that an editable install of ptembed there is not seen first.
    (site / "zz_libraries.pth").write_text(f"{libraries}\n")

    def run(*arguments, **options):
        return subprocess.run(
            [str(python), "-W", "ignore", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=300,
            **options,
        )

    run.folder, run.site = folder, site
    return run


@pytest.mark.parametrize("flags", [(), ("-I",)], ids=["plain", "isolated"])
def test_import_theano(installed, flags):
    done = installed(*flags, "-c", "import theano.tensor as T, ptembed.theano; print(T is ptembed.theano.tensor)")
    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr


@pytest.mark.parametrize("statement", ["import theano", "from theano import sparse", "import theano.sparse.basic"])
def test_first_import_may_be_any(installed, statement):
    done = installed("-c", f"{statement}; import sys; print(sys.modules['theano'].__name__)")
    assert done.stdout == "ptembed.theano\n", done.stderr


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_children(installed, method):
    (installed.folder / "children.py").write_text(CHILDREN)
    done = installed("children.py", method)
    assert done.stdout == "{'ptembed.theano.tensor'}\n", done.stderr


def test_pytest(installed):
    (installed.folder / "test_it.py").write_text(TEST)
    done = installed("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py")
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_notebook_kernel(installed):
    done = installed("-c", NOTEBOOK)
    assert done.stdout == "ptembed.theano 1.0.5\n", done.stdout + done.stderr


def test_data_and_licences_come_along(installed):
    code = "from ptembed.data import load_films; print(len(load_films()))"
    assert installed("-c", code).stdout == "17472\n"


def test_command_is_installed(installed):
    done = subprocess.run([installed.folder / "env" / "bin" / "ptembed", "--version"], capture_output=True, text=True)
    assert done.stdout.startswith("ptembed "), done.stderr
