"""The command line, ``ptembed`` or ``python -m ptembed``."""

import argparse
import sys

import ptembed

__all__ = ["main"]

RUN_EXAMPLE = "example: python -m ptembed run train.py --epochs 10"
DEMO_EXAMPLE = "example: python -m ptembed demo violin whale --out picture.png"


def main(argv: list[str] | None = None) -> int:
    """Run one sub-command and return its exit status: 0, 1 after an error of the program, 2 after a wrong call."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.command is None:
        parser.print_help()
        return 2
    try:
        return options.command(options)
    except (FileNotFoundError, ImportError, KeyError, OSError, ValueError) as error:
        print(f"ptembed {options.name}: {_sentence(error)}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ptembed", description=ptembed.__doc__, epilog=RUN_EXAMPLE)
    parser.add_argument("--version", action="version", version=f"ptembed {ptembed.__version__}")
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    run = commands.add_parser("run", help="run a Theano program, unchanged", epilog=RUN_EXAMPLE)
    rest = argparse.REMAINDER
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
    return parser


def _run(options) -> int:
    from ptembed.legacy import runner

    if options.module:
        return runner.run_module(options.module[0], options.module[1:])
    if options.text:
        return runner.run_command(options.text[0], options.text[1:])
    if options.script is None:
        options.parser.error("a script is needed: ptembed run SCRIPT, ptembed run -m MODULE or ptembed run -c COMMAND")
    try:
        return runner.run_script(options.script, options.arguments)
    except OSError as error:
        print(f"ptembed run: the script {options.script} cannot be read: {error.strerror}.", file=sys.stderr)
        return 2


def _demo(options) -> int:
    from ptembed import demo

    demo.main(options.words, out=options.out, total=options.triples)
    return 0


def _sentence(error: BaseException) -> str:
    return str(error.args[0]) if isinstance(error, KeyError) else str(error)
