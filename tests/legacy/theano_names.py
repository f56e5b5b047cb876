"""The public names of Theano's modules; ``python theano_names.py`` with real Theano 1.0.5 records them.

Of a package all names of Theano's that it has, of a module the functions and classes that are defined in it and the
objects that are not imported from :data:`COMMON`; without an underscore, and without modules.
"""

import importlib
import json
import os
import sys
import types

RECORDED = os.path.splitext(os.path.abspath(__file__))[0] + ".json"
#: What programs import, by the survey of 93 repositories; and what they may find beside it.
MODULES = """
    theano theano.compile theano.compile.builders theano.compile.debugmode theano.compile.function_module
    theano.compile.io theano.compile.mode theano.compile.monitormode theano.compile.nanguardmode theano.compile.ops
    theano.compile.profiling theano.compile.sharedvalue theano.configdefaults theano.configparser theano.d3viz
    theano.gof theano.gof.fg theano.gof.graph theano.gof.link theano.gof.op theano.gof.opt theano.gof.toolbox
    theano.gof.type theano.gof.utils theano.gradient theano.ifelse theano.misc.pkl_utils theano.printing
    theano.sandbox.linalg theano.sandbox.linalg.ops theano.sandbox.multinomial
    theano.sandbox.rng_mrg theano.scalar theano.scalar.basic theano.scalar.basic_scipy theano.scan_module
    theano.scan_module.scan_op theano.scan_module.scan_utils theano.sparse theano.sparse.basic
    theano.sparse.sandbox.sp theano.sparse.sandbox.sp2 theano.tensor theano.tensor.basic theano.tensor.blas
    theano.tensor.elemwise theano.tensor.extra_ops theano.tensor.fft theano.tensor.nlinalg theano.tensor.nnet
    theano.tensor.nnet.abstract_conv theano.tensor.nnet.blocksparse theano.tensor.nnet.bn theano.tensor.nnet.conv
    theano.tensor.nnet.conv3d2d theano.tensor.nnet.ctc theano.tensor.nnet.neighbours theano.tensor.nnet.nnet
    theano.tensor.nnet.sigm theano.tensor.opt theano.tensor.raw_random theano.tensor.shared_randomstreams
    theano.tensor.sharedvar theano.tensor.signal.conv theano.tensor.signal.pool theano.tensor.slinalg
    theano.tensor.sort theano.tensor.subtensor theano.tensor.type theano.tensor.utils theano.tensor.var
    theano.tests.unittest_tools theano.typed_list theano.updates
"""


COMMON = "theano theano.gof theano.printing theano.scalar theano.compile"


def names_of(module):
    found = importlib.import_module(module)
    is_own = _is_theanos if hasattr(found, "__path__") else _is_of(module)
    return sorted(name for name, value in vars(found).items() if not name.startswith("_") and is_own(value))


def _is_theanos(value):
    owner = getattr(value, "__module__", None) or type(value).__module__
    return not isinstance(value, types.ModuleType) and str(owner).split(".")[0] == "theano"


def _is_of(module):
    others = [importlib.import_module(other) for other in COMMON.split() if not module.startswith(other + ".")]
    imported = {id(value) for other in [*others, sys.modules["theano"]] for value in vars(other).values()}

    def is_own(value):
        if isinstance(value, (type, types.FunctionType)):
            return value.__module__ == module
        return _is_theanos(value) and id(value) not in imported

    return is_own


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    with open(RECORDED, "w") as file:
        json.dump({module: names_of(module) for module in MODULES.split()}, file, indent=0, sort_keys=True)
