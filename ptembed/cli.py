"""The command line, ``ptembed`` or ``python -m ptembed``."""

import argparse
import json
import os
import sys

import ptembed
from ptembed import vector_commands
from ptembed.bench.__main__ import add_comparisons
from ptembed.bench.__main__ import run as run_comparison

__all__ = ["main", "parser"]

DESCRIPTION = (
    "Old Theano programs run unchanged on PyTensor, and embeddings train at the cost of the rows that a step reads."
)
RUN_EXAMPLE = "example: python -m ptembed run train.py --epochs 10"
PATH_HELP = "translate Python 2 sources below this folder too; may be given more than once"
CHECK_EXAMPLE = "example: python -m ptembed legacy check path/to/repository --json"
BENCH_EXAMPLE = "example: python -m ptembed bench rows --quick"
DOCTOR_EXAMPLE = "example: python -m ptembed doctor --json"
DEMO_EXAMPLE = "example: python -m ptembed demo violin whale --out picture.png"


def main(argv: list[str] | None = None) -> int:
    """Run one sub-command and return its exit status: 0, 1 after an error of the program, 2 after a wrong call."""
    known = parser()
    options = known.parse_args(argv)
    if options.command is None:
        known.print_help()
        return 2
    try:
        return options.command(options)
    except BrokenPipeError:  # who read our output has stopped
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print(f"ptembed {options.name}: stopped", file=sys.stderr)
        return 130
    except (FileNotFoundError, ImportError, KeyError, OSError, ValueError) as error:
        print(f"ptembed {options.name}: {_sentence(error)}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """Give the parser of all commands."""
    parser = argparse.ArgumentParser(prog="ptembed", description=DESCRIPTION, epilog=RUN_EXAMPLE)
    parser.add_argument("--version", action="version", version=f"ptembed {ptembed.__version__}")
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    run = commands.add_parser("run", help="run a Theano program, unchanged", epilog=RUN_EXAMPLE)
    rest = argparse.REMAINDER
    run.add_argument("--path", action="append", default=[], metavar="FOLDER", help=PATH_HELP)
    for number, what in (("2", "take all sources as Python 2"), ("3", "translate nothing")):
        run.add_argument(f"--python{number}", dest="python", action="store_const", const=number, help=what)
    run.add_argument("-m", dest="module", nargs=rest, metavar="MODULE", help="run a module, as python -m does")
    run.add_argument("-c", dest="text", nargs=rest, metavar="COMMAND", help="run a program's text, as python -c does")
    run.add_argument("script", nargs="?", help="the script, or - for standard input")
    run.add_argument("arguments", nargs=rest, help="what the program gets in sys.argv")
    run.set_defaults(command=_run, name="run", parser=run)

    demo = commands.add_parser("demo", help="train word vectors on WordNet's glosses", epilog=DEMO_EXAMPLE)
    demo.add_argument("words", nargs="*", help="words to show the neighbours of, five at most")
    demo.add_argument("--out", default="ptembed-demo.png", help="the picture (default: %(default)s)")
    demo.add_argument("--triples", type=int, default=30_000_000, help="training triples (default: %(default)s)")
    demo.set_defaults(command=_demo, name="demo")

    vector_commands.add_commands(commands)

    bench = commands.add_parser("bench", help="side by side with other libraries", epilog=BENCH_EXAMPLE)
    add_comparisons(bench)
    bench.set_defaults(command=_bench, name="bench")

    doctor = commands.add_parser("doctor", help="what will be slow here, and the cure", epilog=DOCTOR_EXAMPLE)
    doctor.add_argument("--json", action="store_true", help="print JSON")
    doctor.set_defaults(command=_doctor, name="doctor")

    legacy = commands.add_parser("legacy", help="look at an old code base", epilog=CHECK_EXAMPLE)
    legacy.set_defaults(command=_usage_of(legacy), name="legacy")
    old = legacy.add_subparsers(title="commands", metavar="COMMAND")
    check = old.add_parser("check", help="what it uses of Theano, and what becomes of it", epilog=CHECK_EXAMPLE)
    check.add_argument("path", help="a source, or a folder of sources")
    check.add_argument("--json", action="store_true", help="print JSON")
    check.set_defaults(command=_check, name="legacy check")
    for name, what in (("claim", "let pip take Theano==1.0.5 as installed"), ("unclaim", "undo claim")):
        claim = old.add_parser(name, help=what)
        claim.add_argument("--target", metavar="FOLDER", help="site-packages of another environment than this one")
        claim.set_defaults(command=_claim, name=f"legacy {name}", action=name)
    return parser


def _usage_of(parser: argparse.ArgumentParser):
    def show(options) -> int:
        parser.print_help()
        return 2

    return show


def _check(options) -> int:
    from ptembed.legacy import census, census_report

    found = census.check(options.path)
    print(found.as_json() if options.json else census_report.report(found, options.path))
    return 0 if found.is_good else 1


def _claim(options) -> int:
    from ptembed.legacy import claim

    if options.action == "claim":
        written = claim.claim(options.target)
        done = f"wrote {written}: pip takes Theano==1.0.5 as installed now. Undo it with `ptembed legacy unclaim`."
        print(done if written else "the name Theano is claimed already.")
    else:
        removed = claim.unclaim(options.target)
        print(f"removed {removed}." if removed else "the name Theano is not claimed.")
    return 0


def _run(options) -> int:
    from ptembed.legacy import runner

    how = {"folders": options.path, "python": options.python}
    if options.module:
        return runner.run_module(options.module[0], options.module[1:], **how)
    if options.text:
        return runner.run_command(options.text[0], options.text[1:], **how)
    if options.script is None:
        options.parser.error("a script is needed: ptembed run SCRIPT, ptembed run -m MODULE or ptembed run -c COMMAND")
    try:
        return runner.run_script(options.script, options.arguments, **how)
    except NotADirectoryError:
        raise
    except OSError as error:
        print(f"ptembed run: the script {options.script} cannot be read: {error.strerror}.", file=sys.stderr)
        return 2


def _demo(options) -> int:
    from ptembed import demo

    demo.main(options.words, out=options.out, total=options.triples)
    return 0


def _bench(options) -> int:
    return run_comparison({name: value for name, value in vars(options).items() if name not in ("command", "name")})


def _doctor(options) -> int:
    from ptembed import doctor

    findings = doctor.examine()
    print(json.dumps([finding._asdict() for finding in findings]) if options.json else doctor.report(findings))
    return 1 if doctor.troubles(findings) else 0


def _sentence(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error.args[0]) if isinstance(error, KeyError) else str(error)
