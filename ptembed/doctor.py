"""``ptembed doctor``: versions, compiler, BLAS, threads; what will be slow or fail here, and the cure.

Each examination is a function that gives findings; nothing is changed and nothing is trained.
"""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

import ptembed
from ptembed.threads import THREADS

__all__ = ["Finding", "examine", "report", "troubles"]

LIBRARIES = ("pytensor", "numba", "numpy", "scipy", "fissix")
EXTRAS = {
    "learn": ("sklearn", "tqdm", "matplotlib", "adjustText"),
    "ray": ("ray",),
    "mpi": ("mpi4py",),
    "gensim": ("gensim",),
    "safetensors": ("safetensors",),
    "frames": ("pandas",),
}
LINES = ("3.0", "3.3")  # of PyTensor, on which the tests run
ROOM = 2**30  # bytes of shared memory, below which Hogwild soon ends


class Finding(NamedTuple):
    """One thing that was looked at.

    Attributes
    ----------
    name, value : str
    trouble, cure : str
        Empty where all is well.
    """

    name: str
    value: str
    trouble: str = ""
    cure: str = ""


def examine() -> list[Finding]:
    """Look at this process, its libraries and this machine."""
    looks = (_versions, _theano, _linker, _cache, _blas, _threads, _shared_memory, _extras)
    return [finding for look in looks for finding in look()]


def report(findings: list[Finding]) -> str:
    """Give the findings as text: what there is, then each trouble with its cure.

    Examples
    --------
    >>> print(report([Finding("linker", "py", "steps run in Python", "unset PYTENSOR_FLAGS")]))
    linker  py
    <BLANKLINE>
    1 trouble:
    - linker: steps run in Python. Cure: unset PYTENSOR_FLAGS
    """
    width = max(len(finding.name) for finding in findings)
    lines = [f"{finding.name:<{width}}  {finding.value}" for finding in findings]
    bad = troubles(findings)
    if not bad:
        return "\n".join([*lines, "", "No trouble found."])
    head = f"{len(bad)} trouble{'s' if len(bad) > 1 else ''}:"
    return "\n".join([*lines, "", head, *(f"- {f.name}: {f.trouble}. Cure: {f.cure}" for f in bad)])


def troubles(findings: list[Finding]) -> list[Finding]:
    """Give those findings that are trouble."""
    return [finding for finding in findings if finding.trouble]


def _found(name, value, bad, trouble, cure) -> Finding:
    return Finding(name, str(value), trouble, cure) if bad else Finding(name, str(value))


def _versions() -> Iterator[Finding]:
    yield Finding("ptembed", ptembed.__version__)
    yield Finding("Python", f"{platform.python_version()}, {platform.system()} {platform.machine()}")
    for library in LIBRARIES:
        version = importlib.metadata.version(library)
        strange = library == "pytensor" and not version.startswith(LINES)
        trouble = f"the tests run on PyTensor {' and '.join(LINES)}, this is another line"
        yield _found(library, version, strange, trouble, f"pip install 'pytensor=={LINES[0]}.*'")


def _theano() -> Iterator[Finding]:
    origin = _origin("theano")
    if origin is None:
        cure = "pip install ptembed, or run programs by `ptembed run`"
        yield Finding("import theano", "nothing", "plain `import theano` does not find the drop-in", cure)
        return
    old = "ptembed" not in Path(origin).read_text(encoding="utf8")
    trouble = "another Theano is installed and comes before the drop-in"
    yield _found("import theano", origin, old, trouble, "pip uninstall theano")


def _origin(module):
    """The file of a module, or None; also where it has been imported under a finder that answers once."""
    try:
        found = importlib.util.find_spec(module)
    except ValueError:
        found = None
    return found.origin if found else getattr(sys.modules.get(module), "__file__", None)


def _linker() -> Iterator[Finding]:
    import pytensor

    linker = type(pytensor.compile.mode.get_default_mode().linker).__name__.removesuffix("Linker").lower()
    slow = "steps are several times as slow as under numba, and blocks of steps run one by one"
    flags = os.environ.get("PYTENSOR_FLAGS", "")
    cure = f"take mode and linker out of PYTENSOR_FLAGS ({flags!r}) and .pytensorrc: numba is the default"
    yield _found("linker", linker, linker != "numba", slow, cure)
    yield Finding("floatX", f"{pytensor.config.floatX} (float32 halves memory and time: PYTENSOR_FLAGS=floatX=float32)")
    optimizer, copies = pytensor.config.optimizer, "row updates copy whole matrices without PyTensor's rewrites"
    bad = optimizer in ("None", "fast_compile", "o1", "o2")
    yield _found("optimizer", optimizer, bad, copies, "take optimizer out of PYTENSOR_FLAGS")


def _cache() -> Iterator[Finding]:
    import pytensor

    folder = pytensor.config.compiledir
    free, lost = shutil.disk_usage(folder).free, not os.access(folder, os.W_OK)
    if lost:
        trouble, cure = "it cannot be written, so each process compiles anew", "PYTENSOR_FLAGS=base_compiledir=FOLDER"
    else:
        trouble, cure = f"{free / 2**20:.0f} MB are left on its disk", "make room, or `pytensor-cache clear`"
    yield _found("compile cache", folder, lost or free < ROOM, trouble, cure)


def _blas() -> Iterator[Finding]:
    if importlib.util.find_spec("threadpoolctl") is None:
        yield Finding("BLAS", "unknown without threadpoolctl: pip install 'ptembed[learn]'")
    else:
        yield from _pools()
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        if name in os.environ:
            trouble = "the environment chooses OpenBLAS's kernels in place of the processor"
            yield Finding(name, os.environ[name], trouble, f"unset {name}")


def _pools() -> Iterator[Finding]:
    import threadpoolctl

    np.ones((2, 2)) @ np.ones((2, 2))
    pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    for pool in pools:
        kind = pool.get("architecture", "")
        yield Finding("BLAS", f"{pool['internal_api']} {pool['version']} {kind}, {pool['num_threads']} threads")
    if not pools:
        cure = "install NumPy from the package index or from conda"
        yield Finding("BLAS", "none", "NumPy has no fast BLAS: products of matrices are slow", cure)


def _threads() -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = {name: os.environ[name] for name in THREADS if name in os.environ}
    value = f"{cores} cores; " + (", ".join(f"{name}={n}" for name, n in asked.items()) or "none asked for")
    many = " ".join(name for name, n in asked.items() if n.isdigit() and int(n) > cores)
    yield _found("threads", value, many, f"{many} asks for more than there are cores", f"unset {many}")


def _shared_memory() -> Iterator[Finding]:
    if not os.path.isdir("/dev/shm"):
        yield Finding("shared memory", f"by files, in {tempfile.gettempdir()}")
        return
    room = shutil.disk_usage("/dev/shm").free
    trouble = f"matrices of more than {room / 2**20:.0f} MB cannot be trained by several processes"
    value, cure = f"{room / 2**30:.1f} GB free in /dev/shm", "enlarge /dev/shm (Docker: --shm-size=4g)"
    yield _found("shared memory", value, room < ROOM, trouble, cure)


def _extras() -> Iterator[Finding]:
    for extra, modules in EXTRAS.items():
        missing = [module for module in modules if importlib.util.find_spec(module) is None]
        value = f"needs {', '.join(missing)}: pip install 'ptembed[{extra}]'" if missing else "installed"
        yield Finding(f"extra {extra}", value)
