#!/usr/bin/env python3
"""Run Theano 1.0.5's own tests against the drop-in, and say what changed.

    python tests/conformance/theano_suite.py                 all of it (about ten minutes on two cores)
    python tests/conformance/theano_suite.py --half          a representative half
    python tests/conformance/theano_suite.py sparse scan     the files whose path has one of these words
    python tests/conformance/theano_suite.py --record        all of it, and write the list of expected failures anew

A test counts when real Theano passes it (``theano_passing.json``). It should pass here too, unless
``theano_expected_failures.toml`` lists it, with the reason. Exit status 1 when another one fails; the listed ones that
pass now are named. See the README beside this file.
"""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zlib
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ptembed" / "conformance"
FILES = HERE / "theano_files.txt"
PASSING = HERE / "theano_passing.json"
EXPECTED = HERE / "theano_expected_failures.toml"
SLOW = HERE / "theano_slow.json"
PART_SIZE = 120
FOUND_NONE = "its file ran no such test"


def main(arguments=None) -> int:
    options = parse(arguments)
    passing = json.loads(PASSING.read_text())
    groups = read_groups(EXPECTED)
    wanted = choose(passing, options.words, options.half)
    source = fetch()
    started = time.monotonic()
    outcomes = run_all(wanted, source, options)
    new, mended = compared(outcomes, groups)
    report(outcomes, new, mended, time.monotonic() - started)
    if options.record:
        EXPECTED.write_text(write_groups(renew(groups, outcomes), "Theano 1.0.5"))
        SLOW.write_text(json.dumps(slow_tests(outcomes), indent=0, sort_keys=True) + "\n")
    return 1 if new and not options.record else 0


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="run the files whose path has one of these words")
    parser.add_argument("--half", action="store_true", help="run a representative half, without the slow ones")
    parser.add_argument("--record", action="store_true", help="write the list of expected failures anew")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at a time")
    parser.add_argument("--seconds", type=int, default=300, help="for one test")
    options = parser.parse_args(arguments)
    if options.record and options.half:
        parser.error("--record needs every test of the files it runs: leave out --half")
    return options


def choose(passing, words, half):
    """Give the tests to run, by file: ``{path: [name, ...]}``."""
    files = [line for line in FILES.read_text().split("\n") if line and not line.startswith("#")]
    slow = set(json.loads(SLOW.read_text())) if half else set()
    wanted = {}
    for file in files:
        if words and not any(word in file for word in words):
            continue
        names = passing.get(file, [])
        wanted[file] = [n for n in names if not half or (in_half(f"{file}::{n}") and f"{file}::{n}" not in slow)]
    wanted = {file: names for file, names in wanted.items() if names}
    if not wanted:
        raise SystemExit(f"no file of {FILES.name} has one of the words {' '.join(words)} in its path: see there.")
    return wanted


def in_half(test):
    """Whether ``test`` is of the half; the same on every machine, and still so when tests are added."""
    return zlib.crc32(test.encode()) % 2 == 0


# ---- running


def fetch() -> Path:
    """Download Theano's source and the two packages that its tests import, once; give the folder of the source."""
    source = download("Theano==1.0.5")
    if not (CACHE / "packages" / "six.py").exists():
        pip("install", "--no-deps", "--target", str(CACHE / "packages"), "six", "parameterized")
    return source


def download(package) -> Path:
    """Download and unpack a source distribution, ``name==version``, once; give the folder."""
    name, _, version = package.partition("==")
    source = CACHE / f"{name}-{version}"
    if not source.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        pip("download", "--no-deps", "--no-binary", name, "--dest", str(CACHE), package)
        packed = CACHE / f"{source.name}.tar.gz"
        with tarfile.open(packed) as archive, tempfile.TemporaryDirectory(dir=CACHE) as unpacked:
            archive.extractall(unpacked, filter="data")
            Path(unpacked, source.name).rename(source)
    return source


def pip(*arguments):
    done = subprocess.run([sys.executable, "-m", "pip", "-q", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"pip {' '.join(arguments)} failed; the suite needs the package index once:\n{done.stderr}")


def run_all(wanted, source, options):
    """Run the tests, the files side by side in parts; give ``{"path::name": {"outcome": ..., "why": ...}}``."""
    parts = [
        (file, names[i : i + PART_SIZE]) for file, names in wanted.items() for i in range(0, len(names), PART_SIZE)
    ]
    parts.sort(key=lambda part: -len(part[1]))
    outcomes = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        runs = {pool.submit(run_part, file, names, source, options.seconds): (file, names) for file, names in parts}
        for run in concurrent.futures.as_completed(runs):
            file, names = runs[run]
            result = run.result()
            outcomes |= {f"{file}::{name}": outcome for name, outcome in result.items()}
            passed = sum(outcome["outcome"] == "passed" for outcome in result.values())
            print(f"{file:55s} {passed:5d} / {len(names):5d}", flush=True)
    return outcomes


def run_part(file, names, source, seconds):
    """Run ``names`` of ``file``, again without those that have run each time that a test ends the process."""
    outcomes = {}
    while len(outcomes) < len(names):
        left = [name for name in names if name not in outcomes]
        result = run_process(file, left, source, seconds)
        outcomes |= {name: result[name] for name in left if name in result}
        if not result.pop("died", False):
            outcomes |= {name: {"outcome": "failed", "why": FOUND_NONE} for name in names if name not in outcomes}
    return outcomes


def run_process(file, names, source, seconds):
    """Run one pytest process; give the outcomes of the tests it ended, and ``died`` if a test ended it."""
    module = file.removesuffix(".py").replace("/", ".")
    with tempfile.TemporaryDirectory(prefix="theano-suite-") as folder:
        folder = Path(folder)
        stub = folder / f"test_{module.replace('.', '_')}.py"
        stub.write_text(
            f"import {module} as suite\n\nglobals().update({{k: v for k, v in vars(suite).items() if k[:2] != '__'}})\n"
        )
        part = {"source": str(source), "tests": names, "journal": str(folder / "journal"), "seconds": seconds}
        env = environment(folder, CACHE / "packages")
        lines, ended, done = run_pytest(part, folder, [str(stub)], folder, env)
    return read_journal(lines, names, ended, done)


def run_pytest(part, folder, targets, root, env):
    """Run pytest on ``targets``; give the lines of the journal, what to say of a test that ended it, the process."""
    (folder / "part.json").write_text(json.dumps(part))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "theano_plugin", "-p", "no:cacheprovider", "-c", os.devnull]
    command += ["-p", "no:faulthandler", "-W", "ignore", "--tb=short", "--rootdir", str(root), *targets]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    journal, late = folder / "journal", folder / "journal.late"
    lines = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    is_late = late.exists() and late.stat().st_size
    return lines, "it took too long" if is_late else f"it ended the process ({done.returncode})", done


def environment(folder, *packages):
    """The environment of a process that finds the drop-in, the plugin and the packages."""
    path = [HERE, CHECKOUT, CHECKOUT / "ptembed" / "legacy" / "toplevel", os.environ.get("PYTHONPATH"), *packages]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(str(place) for place in path if place),
        "THEANO_SUITE_PART": str(folder / "part.json"),
        "THEANORC": os.devnull,
        "MPLBACKEND": "agg",
    }


def read_journal(lines, names, ended, done):
    """Give the outcomes that a process wrote down; a test that it began and never ended is the one that ended it."""
    outcomes, running = {}, None
    for line in lines:
        running = line.get("started", running)
        for outcome in ("passed", "skipped", "failed"):
            name = line.get(outcome)
            if name and outcomes.get(name, {}).get("outcome") != "failed":
                outcomes[name] = {"outcome": outcome, "seconds": line["seconds"], "why": line.get("why", outcome)}
    broken = next((line["why"] for line in lines if "broken" in line), None)
    if broken or not any("found" in line for line in lines):
        why = broken or (done.stderr or done.stdout).strip().split("\n")[-1][:200]
        return {name: {"outcome": "failed", "why": why} for name in names}
    if running and running not in outcomes:
        outcomes[running] = {"outcome": "failed", "why": ended}
        outcomes["died"] = True
    return outcomes


# ---- the list of expected failures


def read_groups(path):
    """Give the groups: each has ``reason``, ``tests``, and ``unsteady`` where they fail now and then."""
    groups = tomllib.loads(path.read_text()).get("group", [])
    seen = set()
    for group in groups:
        twice = seen & set(group["tests"])
        if twice:
            raise ValueError(
                f"a test belongs to one group of {path.name}, got {sorted(twice)} in two: delete one of each."
            )
        seen |= set(group["tests"])
    return groups


def compared(outcomes, groups):
    """Give the tests that fail and are not listed, and those that are listed and pass."""
    failed = {test for test, outcome in outcomes.items() if outcome["outcome"] != "passed"}
    listed = {test for group in groups for test in group["tests"]}
    unsteady = {test for group in groups if group.get("unsteady") for test in group["tests"]}
    return sorted(failed - listed), sorted((listed & set(outcomes)) - failed - unsteady)


def renew(groups, outcomes):
    """Give the groups with what passes now left out and what fails now, by its error, in new ones."""
    failed = {test: outcome["why"] for test, outcome in outcomes.items() if outcome["outcome"] != "passed"}
    kept = []
    for group in groups:
        tests = [t for t in group["tests"] if group.get("unsteady") or t in failed or t not in outcomes]
        kept.append(group | {"tests": tests})
    listed = {test for group in kept for test in group["tests"]}
    unexplained = defaultdict(list)
    for test, why in failed.items():
        if test not in listed:
            unexplained[f"To be explained: {why}"].append(test)
    for group in kept:  # a reason that a run gave before
        group["tests"] += unexplained.pop(group["reason"], [])
    kept += [{"reason": reason, "tests": tests} for reason, tests in sorted(unexplained.items())]
    return [group for group in kept if group["tests"]]


def write_groups(groups, whose="Theano 1.0.5"):
    """Give the text of the list."""
    lines = [f"# Tests of {whose} that the drop-in is not expected to pass, and why; see the README.", ""]
    for group in groups:
        lines += ["[[group]]", f"reason = {json.dumps(group['reason'], ensure_ascii=False)}"]
        lines += ["unsteady = true"] if group.get("unsteady") else []
        lines += ["tests = [", *(f"    {json.dumps(test)}," for test in sorted(group["tests"])), "]", ""]
    return "\n".join(lines)


def slow_tests(outcomes, limit=5):
    """Give the tests that took more than ``limit`` seconds, which ``--half`` leaves out, and those known before."""
    known = json.loads(SLOW.read_text()) if SLOW.exists() else {}
    took = {test: round(outcome.get("seconds", 0)) for test, outcome in outcomes.items()}
    known = {test: seconds for test, seconds in known.items() if test not in took}
    return known | {test: seconds for test, seconds in took.items() if seconds >= limit}


def share(outcomes):
    """Give the part of them that passed, of 1."""
    return sum(outcome["outcome"] == "passed" for outcome in outcomes.values()) / max(len(outcomes), 1)


def report(outcomes, new, mended, seconds):
    for test in new:
        print(f"FAILED {test}\n       {outcomes[test]['why']}")
    for test in mended:
        print(f"PASSES NOW, take it off the list: {test}")
    passed = sum(outcome["outcome"] == "passed" for outcome in outcomes.values())
    print(
        f"{passed} of {len(outcomes)} pass ({100 * share(outcomes):.1f} %), "
        f"{len(outcomes) - passed - len(new)} fail as expected, "
        f"{len(new)} fail unexpectedly, {len(mended)} pass unexpectedly; {seconds:.0f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
