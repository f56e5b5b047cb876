"""Settings of the documentation: ``pip install -e '.[docs,learn]' && sphinx-build -W docs docs/_build/html``.

Tutorials are executed when the pages are built; a cell that raises ends the build. Their outputs are kept in
``docs/_build/.jupyter_cache`` and made anew when the text of a tutorial changes.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

import ptembed

project = "ptembed"
author = "the authors of ptembed"
version = release = ptembed.__version__
html_title = f"ptembed {version}"

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.apidoc",
    "sphinx.ext.viewcode",
    "sphinx_design",
    "local_links",
    "mathml",
    "tutorial_notebooks",
]
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]
templates_path = ["_templates"]
default_role = "code"

myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_in_temp = True
nb_execution_timeout = 600
nb_execution_raise_on_error = True
nb_merge_streams = True

autodoc_typehints = "none"
#: Pages of the reference are made of the docstrings; the drop-in's names are Theano's, and listed in legacy/served.
apidoc_modules = [
    {
        "path": "../ptembed",
        "destination": "reference",
        "separate_modules": True,
        "module_first": True,
        "max_depth": 1,
        "automodule_options": {"members"},
        "exclude_patterns": [
            *(f"../ptembed/{room}" for room in ("theano", "bench", "demo", "legacy", "rewrites")),
            *(f"../ptembed/{file}.py" for file in ("__main__", "cli", "vector_commands", "pytest_plugin", "_pytensor")),
        ],
    }
]
numpydoc_show_class_members = False
numpydoc_xref_param_type = False


def skip_routing(app, what, name, obj, skip, options):
    """Leave out the methods that scikit-learn adds to each estimator to route metadata."""
    return skip or (name.startswith("set_") and name.endswith("_request"))


def setup(app):
    app.connect("autodoc-skip-member", skip_routing)


html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["ptembed.css"]
html_show_sourcelink = False
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 5,
    "secondary_sidebar_items": ["page-toc", "notebook-link"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"index": [], "changelog": [], "contributing": [], "maintainers": []}
html_copy_source = False
linkcheck_timeout = 20
