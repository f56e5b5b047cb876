"""The names of scikit-learn before 0.20, and of NumPy's build configuration, in their old modules.

The iterators of ``sklearn.cross_validation`` took the data when they were made; those of today are other objects, and
the old names say so when they are called.
"""

from types import ModuleType

from ptembed.legacy.stand_ins import gone

__all__ = ["MODULES", "TABLE"]

_SPLITTERS = {
    **{"KFold": "KFold(n_splits).split(X)", "StratifiedKFold": "StratifiedKFold(n_splits).split(X, y)"},
    **{"ShuffleSplit": "ShuffleSplit(n_splits).split(X)", "LeaveOneOut": "LeaveOneOut().split(X)"},
    **{"StratifiedShuffleSplit": "StratifiedShuffleSplit(n_splits).split(X, y)"},
    **{"LeavePOut": "LeavePOut(p).split(X)", "LeaveOneLabelOut": "LeaveOneGroupOut().split(X, y, labels)"},
}


def _build_configuration() -> ModuleType:
    """What NumPy once said of its libraries: nothing."""
    module = ModuleType("numpy.distutils.__config__")
    names = ("blas_opt_info", "blas_ilp64_opt_info", "lapack_opt_info", "blas_info", "lapack_info")
    vars(module).update({name: {} for name in names}, get_info=lambda name: {}, show=lambda: None)
    return module


#: By module; each is put in as soon as the program imports the module.
TABLE: dict[str, dict[str, object]] = {
    "numpy.distutils": {"__config__": _build_configuration()},
    "sklearn.cross_validation": {
        name: gone(f"sklearn.cross_validation.{name}", f"sklearn.model_selection.{call}")
        for name, call in _SPLITTERS.items()
    },
    "sklearn.datasets": {
        "fetch_mldata": gone("sklearn.datasets.fetch_mldata", "sklearn.datasets.fetch_openml('mnist_784')"),
    },
    "sklearn.decomposition": {
        "RandomizedPCA": gone(
            "sklearn.decomposition.RandomizedPCA", "sklearn.decomposition.PCA(svd_solver='randomized')"
        ),
    },
    "sklearn.preprocessing": {"Imputer": gone("sklearn.preprocessing.Imputer", "sklearn.impute.SimpleImputer")},
}
#: Modules that are gone, and those that have their names.
MODULES: dict[str, tuple[str, ...] | str] = {
    "numpy.distutils": (),
    "sklearn.cross_validation": ("sklearn.model_selection",),
    "sklearn.grid_search": ("sklearn.model_selection",),
    "sklearn.learning_curve": ("sklearn.model_selection",),
    "sklearn.externals.joblib": ("joblib",),
}
