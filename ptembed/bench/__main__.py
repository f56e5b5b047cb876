"""``python -m ptembed.bench COMPARISON``: one thread everywhere, set before any library starts its own."""

import argparse
import os
import sys

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
EXAMPLE = "example: python -m ptembed.bench rows --python37 ~/theano/bin/python"


def main(argv: list[str] | None = None) -> int:
    """Run one comparison; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m ptembed.bench", description=__doc__, epilog=EXAMPLE)
    comparisons = parser.add_subparsers(title="comparisons", metavar="COMPARISON", required=True)
    rows = comparisons.add_parser("rows", help="one training step of an embedding", epilog=EXAMPLE)
    rows.add_argument("--python37", metavar="PATH", help="a Python 3.7 that has Theano 1.0.5")
    rows.add_argument("--quick", action="store_true", help="small matrices and few rounds: a trial, not a measurement")
    rows.add_argument("--out", default="docs/benchmarks", help="folder to write into (default: %(default)s)")
    rows.set_defaults(run=_rows)
    legacy = comparisons.add_parser("legacy", help="old programs on the drop-in and on Theano 1.0.5", epilog=EXAMPLE)
    legacy.add_argument("--python37", metavar="PATH", help="a Python 3.7 that has Theano 1.0.5; needed")
    legacy.add_argument("--out", default="docs/benchmarks", help="folder to write into (default: %(default)s)")
    legacy.set_defaults(run=_legacy)
    for name, words in {"inputs": "the first layer on sparse input", "bags": "a classifier of short texts"}.items():
        sparse = comparisons.add_parser(name, help=words)
        sparse.add_argument("--quick", action="store_true", help="small sizes and few rounds: a trial")
        sparse.add_argument("--out", default="docs/benchmarks", help="folder to write into (default: %(default)s)")
        sparse.set_defaults(run=_inputs if name == "inputs" else _bags)
    nets = comparisons.add_parser("nets", help="networks on the drop-in and on Theano 1.0.5", epilog=EXAMPLE)
    nets.add_argument("--python37", metavar="PATH", help="a Python 3.7 that has Theano 1.0.5; needed")
    nets.add_argument("--out", default="docs/benchmarks", help="folder to write into (default: %(default)s)")
    nets.set_defaults(run=_nets)
    factored = comparisons.add_parser("factored", help="an output layer of very many outputs")
    factored.add_argument("--quick", action="store_true", help="small sizes and few rounds: a trial")
    factored.add_argument("--out", default="docs/benchmarks", help="folder to write into (default: %(default)s)")
    factored.set_defaults(run=_factored)
    hogwild = comparisons.add_parser("hogwild", help="asynchronous training with two processes")
    hogwild.add_argument("--quick", action="store_true", help="small sizes and few rounds: a trial")
    hogwild.add_argument("--out", default="docs/benchmarks", help="folder to write into (default: %(default)s)")
    hogwild.set_defaults(run=_hogwild)
    factors = comparisons.add_parser("factors", help="counts of words and their non-negative factors")
    factors.add_argument("--quick", action="store_true", help="small sizes and few rounds: a trial")
    factors.add_argument("--out", default="docs/benchmarks", help="folder to write into (default: %(default)s)")
    factors.set_defaults(run=_factors)
    programs = comparisons.add_parser("programs", help="your own programs on the drop-in and on Theano 1.0.5")
    programs.add_argument("programs", nargs="+", metavar="PROGRAM", help="a script that trains by functions of Theano")
    programs.add_argument("--python37", metavar="PATH", help="a Python 3.7 that has Theano 1.0.5; needed")
    programs.add_argument("--path", action="append", default=[], metavar="FOLDER", help="Python 2 sources, too")
    programs.add_argument("--compiled", metavar="FOLDER", help="where to keep compiled code (default: nowhere)")
    programs.add_argument("--out", default="docs/benchmarks", help="folder to write into (default: %(default)s)")
    programs.set_defaults(run=_programs)
    options = parser.parse_args(argv)
    for name in THREADS:
        os.environ[name] = "1"
    try:
        options.run(options)
    except (FileNotFoundError, ImportError) as error:
        print(f"ptembed.bench: {error}", file=sys.stderr)
        return 2
    return 0


def _rows(options):
    from ptembed.bench.rows import main as run

    run(options.out, python37=options.python37, quick=options.quick)


def _inputs(options):
    from ptembed.bench.inputs import main as run

    run(options.out, quick=options.quick)


def _bags(options):
    from ptembed.bench.bags import main as run

    run(options.out, quick=options.quick)


def _factored(options):
    from ptembed.bench.factored import main as run

    run(options.out, quick=options.quick)


def _hogwild(options):
    from ptembed.bench.hogwild import main as run

    run(options.out, quick=options.quick)


def _factors(options):
    from ptembed.bench.factors import main as run

    run(options.out, quick=options.quick)


def _legacy(options):
    from ptembed.bench.legacy import main as run

    run(options.out, options.python37)


def _nets(options):
    from ptembed.bench.nets import main as run

    run(options.out, options.python37)


def _programs(options):
    from ptembed.bench.programs import main as run

    run(options.out, options.python37, options.programs, options.path, options.compiled)


if __name__ == "__main__":
    sys.exit(main())
