"""The metadata with which pip takes ``Theano==1.0.5`` as installed.

``pip install lasagne`` brings the old Theano, which hides the drop-in, unless a distribution of that name is there.
:func:`claim` writes one that has nothing but its metadata: the module ``theano`` is ptembed's, and pip's ``INSTALLER``
says so. :func:`unclaim` takes it away again. Neither is ever done but by these calls, and both are done whole or not
at all: the folder is made beside its place and moved there.
"""

import base64
import hashlib
import shutil
import sysconfig
import tempfile
from importlib.metadata import distributions
from pathlib import Path

from ptembed import __version__

__all__ = ["claim", "unclaim"]

FOLDER = "Theano-1.0.5.dist-info"
INSTALLER = "ptembed"
METADATA = f"""\
Metadata-Version: 2.1
Name: Theano
Version: 1.0.5
Summary: Not Theano: its name, claimed for the drop-in of ptembed {__version__}
"""
DESCRIPTION = """
`import theano` is served by ptembed. This entry has no module of its own; `ptembed legacy unclaim` removes it.
"""


def claim(target: str | Path | None = None) -> Path | None:
    """Write the metadata of a ``Theano 1.0.5`` into an environment.

    Parameters
    ----------
    target : str or path, optional
        The folder of the environment's packages, ``site-packages``; by default that of this Python.

    Returns
    -------
    path or None
        The folder that was written; None if it was there already.

    Raises
    ------
    NotADirectoryError
        If ``target`` is no folder.
    FileExistsError
        If another Theano is installed there; nothing is written then.
    """
    packages = _packages(target)
    if _is_ours(packages / FOLDER):
        return None
    _refuse_another(packages)
    files = {"METADATA": METADATA + DESCRIPTION, "INSTALLER": f"{INSTALLER}\n"}
    files["RECORD"] = _record(files)
    made = Path(tempfile.mkdtemp(prefix=".ptembed-claim-", dir=packages))
    try:
        for name, text in files.items():
            (made / name).write_bytes(text.encode())
        made.chmod(0o755)
        made.rename(packages / FOLDER)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return packages / FOLDER


def unclaim(target: str | Path | None = None) -> Path | None:
    """Remove what :func:`claim` has written.

    Parameters
    ----------
    target : str or path, optional
        As for :func:`claim`.

    Returns
    -------
    path or None
        The folder that was removed; None if there was none.

    Raises
    ------
    NotADirectoryError
        If ``target`` is no folder.
    FileExistsError
        If the Theano that is installed there is another one, or somebody has put more files into the folder; nothing
        is removed then.
    """
    packages = _packages(target)
    folder = packages / FOLDER
    if not folder.exists():
        _refuse_another(packages)
        return None
    if not _is_ours(folder):
        _refuse_another(packages)
    more = {path.name for path in folder.iterdir()} - {"METADATA", "INSTALLER", "RECORD", "REQUESTED"}
    if more:
        raise FileExistsError(f"{folder} has {min(more)}, which ptembed has not written: remove it by hand first.")
    going = Path(tempfile.mkdtemp(prefix=".ptembed-claim-", dir=packages))
    folder.rename(going / FOLDER)
    shutil.rmtree(going)
    return folder


def _packages(target) -> Path:
    packages = Path(sysconfig.get_path("purelib") if target is None else target)
    if not packages.is_dir():
        raise NotADirectoryError(f"{packages} is no folder: give the site-packages of an environment.")
    return packages


def _is_ours(folder: Path) -> bool:
    installer = folder / "INSTALLER"
    return installer.is_file() and installer.read_text("utf8").strip() == INSTALLER


def _refuse_another(packages: Path) -> None:
    others = [str(packages / "theano")] if (packages / "theano").is_dir() else []
    for found in distributions(path=[str(packages)]):
        if found.metadata["Name"] in ("Theano", "theano") and (found.read_text("INSTALLER") or "").strip() != INSTALLER:
            others.append(f"{found.version} in {packages}")
    if others:
        raise FileExistsError(f"another Theano is installed, {others[0]}: run `pip uninstall Theano` first.")


def _record(files: dict[str, str]) -> str:
    rows = []
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{FOLDER}/{name},sha256={digest},{len(text.encode())}\n")
    return "".join([*rows, f"{FOLDER}/RECORD,,\n"])
