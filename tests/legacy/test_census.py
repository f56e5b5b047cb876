"""The census of an old code base, and its command."""

import json

import pytest

from ptembed import cli
from ptembed.legacy import census, is_active
from ptembed.legacy.census import Place

OLD = """\
import theano.tensor as T, numpy as np, cPickle
from theano import function, config
from theano.sandbox import cuda
print "x"
def f(x):
    y = T.nnet.softmax(x.dot(np.asarray(x, dtype=config.floatX)))
    return T.no_such_name(y) if cuda.cuda_available else T.dot(y, np.float(3))
def late():
    return sandbox_name.MRG_RandomStreams(3)
import theano.sandbox.rng_mrg as sandbox_name
from collections import Mapping
from scipy.misc import imread
config.gpuarray.preallocate = 1
isinstance(f, T.AdvancedSubtensor1)
x = 0777
theano_compile = __import__
config.compute_test_value
if 0: config.no_flag.x
def fit(): return T.nnet.relu
from sklearn.grid_search import GridSearchCV
try: import pygpu
except ImportError: cuda.dnn.dnn_conv
cuda.CudaNdarrayType
from theano.misc.pycuda_utils import to_gpuarray
import pycuda.driver
T.of_the_program = 1
"""


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "old.py").write_text(OLD)
    (tmp_path / "new.py").write_text("import theano\ntheano.function\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "x.py").write_text("import theano.nothing")
    return tmp_path


@pytest.fixture
def found(repository):
    return census.check(repository)


def places(found, name):
    return [place.line for status, where in found.theano.items() if status.name == name for place in where]


def statuses(found):
    return {status.name: status.status for status in found.theano}


def test_names_are_found_through_aliases(found, repository):
    assert places(found, "theano.tensor.nnet.softmax") == [6]
    assert places(found, "theano.config.floatX") == [6]
    assert places(found, "theano.sandbox.rng_mrg.MRG_RandomStreams") == [9]
    assert places(found, "theano.function") == [2, 2]
    assert places(found, "theano.tensor.dot") == [7]
    assert places(found, "theano.tensor.of_the_program") == []


def test_what_becomes_of_them(found):
    became = statuses(found)
    assert (
        became["theano.tensor.nnet.softmax"]
        == became["theano.tensor.dot"]
        == became["theano.config.floatX"]
        == "served"
    )
    assert became["theano.tensor.AdvancedSubtensor1"] == became["theano.config.compute_test_value"] == "emulated"
    assert became["theano.sandbox.cuda.cuda_available"] == became["theano.config.gpuarray.preallocate"] == "no-op"
    assert became["theano.sandbox.cuda.CudaNdarrayType"] == "no-op"
    assert became["theano.sandbox.cuda.dnn.dnn_conv"] == "emulated"
    assert became["theano.misc.pycuda_utils.to_gpuarray"] == "missing"
    assert became["theano.tensor.no_such_name"] == became["theano.config.no_flag"] == "missing"


def test_python2_and_dropped_names(found, repository):
    old = str(repository / "old.py")
    assert found.files == 2 and found.python2_files == 1
    assert found.python2["print statement"] == [Place(old, 4)]
    assert found.python2["octal or long literal"] == [Place(old, 15)]
    assert found.python2["import cPickle"] == [Place(old, 1)]
    assert {s.name: (s.status, p[0].line) for s, p in found.removed.items()} == {
        "numpy.float": ("served", 7),
        "collections.Mapping": ("served", 11),
        "scipy.misc.imread": ("missing", 12),
        "sklearn.grid_search": ("served", 20),
        "pycuda": ("missing", 25),
    }


def test_nothing_is_executed_and_nothing_stays_active(repository):
    (repository / "old.py").write_text("raise SystemExit('executed')")
    assert census.check(repository).is_good
    assert not is_active()


def test_the_command_reports(repository, capsys):
    assert cli.main(["legacy", "check", str(repository)]) == 1
    text = capsys.readouterr().out
    assert "\nmissing: theano.tensor.no_such_name (old.py:7)\n    module 'theano.tensor' has no" in text
    assert "\nmissing: scipy.misc.imread (old.py:12)\n    SciPy dropped it; use imageio.v3.imread" in text
    (repository / "old.py").unlink()
    assert cli.main(["legacy", "check", str(repository)]) == 0
    assert "Nothing is missing" in capsys.readouterr().out


def test_the_command_writes_json(repository, capsys):
    assert cli.main(["legacy", "check", str(repository), "--json"]) == 1
    written = json.loads(capsys.readouterr().out)
    assert written["counts"]["missing"] == 3 and not written["good"]
    missing = next(n for n in written["theano"] if n["status"] == "missing")
    assert missing["uses"] == [{"file": str(repository / "old.py"), "line": 7}]


@pytest.mark.parametrize(
    "line, why",
    [
        ("x = = 2", "invalid syntax in Python 2"),
        ("def f(): from os import *", "import * only allowed at module level"),
        ("True = 0", "cannot assign to True"),
    ],
)
def test_a_source_that_cannot_be_translated_is_an_error_with_its_line(repository, capsys, line, why):
    (repository / "old.py").write_text(f"print 1\n{line}\n")
    assert cli.main(["legacy", "check", str(repository)]) == 1
    assert f"cannot be translated: old.py:2: {why}" in capsys.readouterr().out


def test_no_such_folder(capsys):
    assert cli.main(["legacy", "check", "nowhere"]) == 2
    assert capsys.readouterr().err == (
        "ptembed legacy check: a file or a folder of Python sources is needed, but there is no nowhere.\n"
    )


def test_legacy_alone_shows_its_commands(capsys):
    assert cli.main(["legacy"]) == 2
    assert "check" in capsys.readouterr().out
