"""Run the own tests of a library that is written on Theano, against the drop-in.

    python tests/conformance/libraries.py sympy                    all of them
    python tests/conformance/libraries.py keras recurrent          the files whose path has the word
    python tests/conformance/libraries.py lasagne --sample         the part that is run at each change
    python tests/conformance/libraries.py theanolm --record        write the list of expected failures anew
    python tests/conformance/libraries.py theanets --source FOLDER those of a checkout of the library's repository

The exit status is 1 when a test fails that ``NAME_expected_failures.toml`` does not list. See the README beside this
file; :mod:`theano_suite` has what the two commands share.
"""

import argparse
import concurrent.futures
import os
import shutil
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import theano_suite as suite

HERE = Path(__file__).resolve().parent
FILES = HERE / "files"  # what distributions lack of their tests, and programs of ours where they have none
LIBRARIES = tomllib.loads((HERE / "libraries.toml").read_text())
PACKAGES = suite.CACHE / f"library-packages-{sys.version_info.major}.{sys.version_info.minor}"
HOME = suite.CACHE / "home"  # for what the libraries write there, and what is compiled


def main(arguments=None) -> int:
    options = parse(arguments)
    library = LIBRARIES[options.library]
    expected = HERE / f"{options.library}_expected_failures.toml"
    source = options.source or complete(suite.download(library["package"]), options.library)
    install(library["needs"])
    words = library["sample"] if options.sample else options.words
    files = choose(library, source, words)
    started = time.monotonic()
    outcomes = run_all(files, source, library, options)
    groups = suite.read_groups(expected) if expected.exists() else []
    new, mended = suite.compared(outcomes, groups)
    suite.report(outcomes, new, mended, time.monotonic() - started)
    if options.record:
        expected.write_text(suite.write_groups(suite.renew(groups, outcomes), library["package"]))
    if not words and suite.share(outcomes) < library["share"]:
        print(f"fewer than the {library['share']:.0%} that are asked for pass")
        return 1
    return 1 if new and not options.record else 0


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", choices=sorted(LIBRARIES))
    parser.add_argument("words", nargs="*", help="run the files whose path has one of these words")
    parser.add_argument("--sample", action="store_true", help="run the part that is run at each change")
    parser.add_argument("--source", type=folder, help="a folder with the library's source, instead of its distribution")
    parser.add_argument("--record", action="store_true", help="write the list of expected failures anew")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at a time")
    parser.add_argument("--seconds", type=int, default=300, help="for one test")
    return parser.parse_args(arguments)


def folder(text) -> Path:
    path = Path(text).resolve()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"it must be a folder, got {path}")
    return path


def complete(source, name) -> Path:
    """Take out of the source distribution what does not run, lay the files that we have for it over it."""
    for file in LIBRARIES[name].get("without", ()):
        (source / file).unlink(missing_ok=True)
    if (FILES / name).exists():
        shutil.copytree(FILES / name, source, dirs_exist_ok=True)
    return source


def install(needs) -> None:
    """Install the packages that are not there yet, without those that they ask for."""
    have = {path.name.lower().partition("-")[0].replace("_", "-") for path in PACKAGES.glob("*.dist-info")}
    missing = [need for need in needs if need.partition("==")[0].lower().replace("_", "-") not in have]
    if missing:
        suite.pip("install", "--no-deps", "--target", str(PACKAGES), *missing)


def choose(library, source, words):
    """The library's test files, those whose path has one of the words."""
    files = []
    for test in library["tests"]:
        place = source / test
        found = [place] if place.is_file() else sorted({*place.rglob("test_*.py"), *place.rglob("*_test.py")})
        files += [str(path.relative_to(source)) for path in found]
    chosen = [file for file in files if not words or any(word in file for word in words)]
    if not chosen:
        raise SystemExit(f"no test file of {library['package']} has one of the words {' '.join(words)} in its path.")
    return chosen


def run_all(files, source, library, options):
    """Run the files, side by side; give ``{"path::name": {"outcome": ..., "why": ...}}``."""
    outcomes = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        runs = {pool.submit(run_file, file, source, library, options.seconds): file for file in files}
        for run in concurrent.futures.as_completed(runs):
            result = {test: found for test, found in run.result().items() if found["outcome"] != "skipped"}
            outcomes |= result
            passed = sum(outcome["outcome"] == "passed" for outcome in result.values())
            print(f"{runs[run]:55s} {passed:5d} / {len(result):5d}", flush=True)
    return outcomes


def run_file(file, source, library, seconds):
    """Run the tests of one file, again without those that have run each time that a test ends the process."""
    outcomes, died = {}, True
    while died:
        with tempfile.TemporaryDirectory(prefix="library-") as folder:
            folder = Path(folder)
            part = {"done": sorted(outcomes), "journal": str(folder / "journal"), "seconds": seconds}
            env = suite.environment(folder, source, PACKAGES) | library.get("environment", {}) | {"HOME": str(HOME)}
            env["THEANO_FLAGS"] = ",".join(filter(None, [library.get("flags"), os.environ.get("THEANO_FLAGS")]))
            if library.get("python2"):
                env["PTEMBED_PATH"] = str(source)
            lines, ended, done = suite.run_pytest(part, folder, [str(source / file)], source, env)
        found = next((line["found"] for line in lines if line.get("found")), [f"{file}::all"])
        result = suite.read_journal(lines, found, ended, done)
        died = result.pop("died", False)
        outcomes |= result
    return outcomes


if __name__ == "__main__":
    sys.exit(main())
