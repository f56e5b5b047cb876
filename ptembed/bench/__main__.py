"""``python -m ptembed.bench COMPARISON``: one thread everywhere, set before any library starts its own."""

import argparse
import importlib
import os
import sys
from typing import Any

from ptembed.threads import THREADS

EXAMPLE = "example: python -m ptembed.bench rows --python37 ~/theano/bin/python"
OPTIONS: dict[str, dict[str, Any]] = {
    "python37": {"metavar": "PATH", "help": "a Python 3.7 that has Theano 1.0.5; all but rows need it"},
    "quick": {"action": "store_true", "help": "small sizes and few rounds: a trial, not a measurement"},
    "address": {"metavar": "HOST:PORT", "help": "a cluster of Ray to measure (default: two nodes on this machine)"},
    "out": {"default": "docs/benchmarks", "help": "folder to write into (default: %(default)s)"},
}
#: What each compares, and which options it takes beside the folder; its module has the same name.
COMPARISONS = {
    "rows": ("one training step of an embedding", "python37", "quick"),
    "legacy": ("old programs on the drop-in and on Theano 1.0.5", "python37"),
    "inputs": ("the first layer on sparse input", "quick"),
    "bags": ("a classifier of short texts", "quick"),
    "nets": ("networks on the drop-in and on Theano 1.0.5", "python37"),
    "factored": ("an output layer of very many outputs", "quick"),
    "hogwild": ("asynchronous training with two processes", "quick"),
    "stores": ("rows in Ray's actors and in windows of MPI", "quick"),
    "scaling": ("what a step on a cluster of Ray costs, and what to expect of many workers", "address", "quick"),
    "factors": ("counts of words and their non-negative factors", "quick"),
    "omp": ("sparse codes by a few atoms a row, and learning the atoms", "quick"),
    "constrained": ("clusters with pairs that are alike and pairs that are not", "quick"),
    "endurance": ("a million steps of everything that trains, and what must hold all along", "quick"),
    "programs": ("your own programs on the drop-in and on Theano 1.0.5", "python37"),
}


def main(argv: list[str] | None = None) -> int:
    """Run one comparison; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m ptembed.bench", description=__doc__, epilog=EXAMPLE)
    add_comparisons(parser)
    return run(vars(parser.parse_args(argv)))


def run(options: dict[str, Any]) -> int:
    """Run the comparison that the options name."""
    comparison = options.pop("comparison")
    for name in THREADS:
        os.environ[name] = "1"
    try:
        importlib.import_module(f"ptembed.bench.{comparison}").main(**options)
    except (FileNotFoundError, ImportError) as error:
        print(f"ptembed.bench: {error}", file=sys.stderr)
        return 2
    return 0


def add_comparisons(parser: argparse.ArgumentParser) -> None:
    """Give a parser a sub-command for each comparison."""
    choices = parser.add_subparsers(title="comparisons", dest="comparison", metavar="COMPARISON", required=True)
    for name, (words, *options) in COMPARISONS.items():
        one = choices.add_parser(name, help=words, epilog=EXAMPLE if "python37" in options else None)
        if name == "programs":
            _add_programs(one)
        for option in (*options, "out"):
            one.add_argument(f"--{option}", **OPTIONS[option])


def _add_programs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("programs", nargs="+", metavar="PROGRAM", help="a script that trains by functions of Theano")
    folders: dict[str, Any] = {"dest": "folders", "action": "append", "default": [], "metavar": "FOLDER"}
    parser.add_argument("--path", help="Python 2 sources, too", **folders)
    parser.add_argument("--compiled", metavar="FOLDER", help="where to keep compiled code (default: nowhere)")
    parser.add_argument("--steps", metavar="FILE", help="JSON of programs measured before, that these are added to")


if __name__ == "__main__":
    sys.exit(main())
