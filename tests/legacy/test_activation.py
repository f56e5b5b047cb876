"""One module under two names, taken and given back."""

import importlib
import importlib.util
import pickle
import pkgutil
import subprocess
import sys
from types import ModuleType

import numpy as np
import pytensor.tensor as pt
import pytest

import ptembed.theano
from ptembed import legacy

MODULES = [
    "",
    ".tensor",
    ".tensor.nnet",
    ".tensor.nnet.sigm",
    ".sparse",
    ".sparse.basic",
    ".scan_module",
    ".compile.mode",
]


def test_submodules_are_ours_and_not_pytensors(theano):
    """A star import of PyTensor's names brings its modules along."""
    for package in (theano.tensor, theano.sparse, theano.compile, theano.scan_module, theano):
        for name in (m.name for m in pkgutil.iter_modules(package.__path__)):
            found = getattr(package, name, None)
            assert not isinstance(found, ModuleType) or found.__name__ == f"{package.__name__}.{name}"


@pytest.mark.parametrize("name", MODULES)
def test_both_names_are_one_module(theano, name):
    own = importlib.import_module("ptembed.theano" + name)
    assert importlib.import_module("theano" + name) is own
    assert own.__name__ == "ptembed.theano" + name
    assert own.__spec__.name == "ptembed.theano" + name


def test_import_statements_give_the_drop_in(theano):
    import theano.tensor as T
    from theano import sparse
    from theano import theano as itself

    assert itself is ptembed.theano
    assert T is ptembed.theano.tensor
    assert sparse is ptembed.theano.sparse


def test_module_found_first_under_the_alias_is_the_same():
    """Also a module that nothing has imported before."""
    program = """
import importlib, sys
from ptembed import legacy
legacy.activate()
assert "ptembed.theano.sparse.sandbox.sp" not in sys.modules
alias = importlib.import_module("theano.sparse.sandbox.sp")
assert alias is sys.modules["ptembed.theano.sparse.sandbox.sp"]
assert importlib.import_module("theano.sparse").sandbox.sp is alias
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_function_keeps_its_name_when_the_module_of_that_name_is_imported(theano):
    importlib.import_module("theano.tensor.var")
    importlib.import_module("theano.compile.function")
    importlib.import_module("theano.scan_module.scan")
    assert theano.tensor.var(theano.tensor.constant([1.0, 3.0])).eval() == 1
    assert theano.compile.function is theano.function
    assert theano.scan_module.scan is theano.scan


def test_unknown_module_is_not_found(theano):
    with pytest.raises(ModuleNotFoundError, match=r"theano\.nothing_of_the_kind"):
        importlib.import_module("theano.nothing_of_the_kind")


def test_find_spec_tells_where_it_is(theano):
    spec = importlib.util.find_spec("theano.tensor.basic")
    assert spec.origin == ptembed.theano.tensor.basic.__file__


def test_a_function_pickled_under_one_name_loads_under_the_other(theano):
    assert pickle.loads(pickle.dumps(theano.shared)) is ptembed.theano.shared


def test_activating_twice_is_activating_once(theano):
    finders = list(sys.meta_path)
    assert legacy.activate() is theano
    assert sys.meta_path == finders


def test_deactivate_frees_the_name():
    path = list(sys.path)
    legacy.activate()
    legacy.deactivate()
    assert not legacy.is_active()
    assert not [name for name in sys.modules if name == "theano" or name.startswith("theano.")]
    assert sys.path == path


def test_importing_ptembed_claims_no_name_and_patches_nothing(python):
    code = "import sys, ptembed; assert 'theano' not in sys.modules and 'pytensor' not in sys.modules"
    assert python("-c", code).returncode == 0


def test_another_theano_imported_before_is_named(python, tmp_path):
    (tmp_path / "theano.py").write_text("x = 1")
    done = python("-c", "import theano, ptembed.legacy; ptembed.legacy.activate()", cwd=tmp_path)
    assert done.returncode == 1
    assert f"{tmp_path / 'theano.py'} is imported already" in done.stderr.splitlines()[-1]


def test_a_real_theano_that_is_installed_wins(python, tmp_path):
    (tmp_path / "theano").mkdir()
    (tmp_path / "theano" / "__init__.py").write_text("")
    done = python("-m", "ptembed", "run", "-c", "import theano", cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "where no other theano is installed" in done.stderr and "pip uninstall Theano" in done.stderr


class TestVariables:
    """What PyTensor's variables take only while the drop-in is active."""

    def test_reshape_takes_ndim_by_position(self, theano):
        shape = theano.tensor.lvector("shape")
        assert theano.tensor.vector("x").reshape(shape, 2).ndim == 2
        assert pt.matrix("y").reshape((-1,)).ndim == 1

    def test_truth_value_is_theanos(self, theano):
        x = theano.tensor.vector("x")
        assert x and x.sum() and theano.tensor.gt(x, 0)
        for comparison in (x > 0, x >= 0, x < 0, x <= 0):
            with pytest.raises(TypeError, match="Variables do not support boolean operations"):
                bool(comparison)

    def test_comparisons_compute_as_before(self, theano):
        x = theano.tensor.dvector("x")
        assert np.array_equal((x > 1).eval({x: [0.0, 1.0, 2.0]}), [False, False, True])

    def test_all_is_as_before_after_deactivation(self):
        legacy.activate()
        legacy.deactivate()
        x = pt.vector("x")
        with pytest.raises(TypeError):
            bool(x)
        with pytest.raises(TypeError):
            x.reshape((1, 1), 2)
        assert not hasattr((x > 0).tag, "compared")
