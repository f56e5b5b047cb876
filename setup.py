"""Metadata, dependencies and the one thing that no table can say: the wheel also holds a top-level ``theano.py``."""

import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
TOPLEVEL = "ptembed/legacy/toplevel/theano"

EXTRAS = {
    "learn": ["scikit-learn>=1.6", "tqdm", "matplotlib>=3.8", "adjustText>=1.2"],
    "ray": ["ray>=2.40"],
    "mpi": ["mpi4py>=4", "mpich"],
    "gensim": ["gensim>=4.3"],
    "safetensors": ["safetensors>=0.4"],
    "frames": ["pandas>=2.2"],
    "docs": ["sphinx>=9", "docutils>=0.22", "myst-nb", "jupytext", "numpydoc", "pydata-sphinx-theme", "sphinx-design"],
}
# pytest 8.4 refuses test files with yield tests, which Theano's own have
EXTRAS["test"] = ["pytest>=8,<8.4", "hypothesis", "import-linter>=2", "nbclient", "ipykernel"]
EXTRAS["test"] += [name for extra in ("learn", "gensim", "frames", "safetensors") for name in EXTRAS[extra]]
EXTRAS["all"] = sorted({name for names in EXTRAS.values() for name in names})


class BuildPy(build_py):
    """Adds ``theano.py``, which lives below ``ptembed/legacy``, at the top of the wheel."""

    def run(self):
        if not self.editable_mode:  # what has been renamed since the last build must not be in the wheel
            shutil.rmtree(Path(self.build_lib, "ptembed"), ignore_errors=True)
        super().run()

    def find_modules(self):
        return [("", "theano", f"{TOPLEVEL}.py")]


def version() -> str:
    line = next(row for row in (HERE / "ptembed/__init__.py").read_text().splitlines() if row.startswith("__version__"))
    return line.split('"')[1]


setup(
    name="ptembed",
    version=version(),
    description="Theano programs and embedding recipes on PyTensor",
    long_description=(HERE / "README.md").read_text(encoding="utf8"),
    long_description_content_type="text/markdown",
    license="BSD-3-Clause",
    license_files=["LICENSE", "ptembed/data/PROVENANCE.md"],
    python_requires=">=3.11",
    packages=find_packages(include=["ptembed", "ptembed.*"]),
    py_modules=["theano"],
    package_dir={"theano": TOPLEVEL},
    package_data={
        "ptembed": ["py.typed"],
        "ptembed.data": ["PROVENANCE.md", "files/*"],
        "ptembed.legacy": ["toplevel/*.py"],
        "ptembed.theano": ["sandbox/*.txt"],
    },
    cmdclass={"build_py": BuildPy},
    install_requires=["pytensor>=3.0,<4", "numpy>=2", "scipy>=1.13", "fissix>=24.4", "six>=1.16"],
    extras_require=EXTRAS,
    entry_points={
        "console_scripts": ["ptembed = ptembed.cli:main"],
        "pytest11": ["ptembed = ptembed.pytest_plugin"],
    },
    keywords=["theano", "pytensor", "embeddings", "word vectors", "sparse"],
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering",
    ],
)
