"""Damaged files of every format, given to its reader: ``python tests/faults/fuzz.py FORMAT --cases 10000``.

A case is a file that is whole, with some bytes flipped, cut, doubled or spliced; a compressed file is also damaged
inside and packed again. The reader must read it, or refuse it with an error that its docstring names: in some seconds
of the processor, with some memory, the interpreter being there afterwards and the file as it was. Each case is made of
``--seed`` and its number alone, so that ``--first N --cases 1`` repeats one.
"""

import argparse
import contextlib
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

NUMBERS = [
    0,
    1,
    2,
    127,
    128,
    255,
    256,
    1000,
    2**15,
    2**16 - 1,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**62,
    2**63 - 1,
    2**64 - 1,
]
TOKENS = [
    b"",
    b" ",
    b"\n",
    b"\r\n",
    b"\t",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xe2\x82",
    b"nan",
    b"inf",
    b"-inf",
    b"-1",
    b"1e999",
]
TOKENS += [b"1e60", b"0", b"99999999999999999999", b"1000000 1000000\n", b"2147483648", b"-", b".", b"+", b"#", b":"]
TOKENS += [
    b"'",
    b'"',
    b"(",
    b")",
    b"[",
    b"]",
    b"{",
    b"}",
    b"%",
    b"%(a)s",
    b"=",
    b",",
    b"\\",
    b"null",
    b"true",
    b"O",
    b"|O",
]
SECONDS = 20
MEMORY = 2**30


class HangError(BaseException):
    """A reader that goes on and on."""


def place(rng, content):
    """A place in the content, at its begin more often than elsewhere."""
    return int(len(content) * rng.random() ** rng.choice([1, 3]))


def flip(rng, content, others):
    at = place(rng, content)
    return content[:at] + bytes([content[at] ^ (1 << rng.randrange(8))]) + content[at + 1 :] if content else b"\xff"


def overwrite(rng, content, others):
    at, size = place(rng, content), rng.choice([1, 2, 4, 8])
    new = (rng.choice(NUMBERS) % 256**size).to_bytes(size, rng.choice(["little", "big"]))
    return content[:at] + new + content[at + size :]


def cut(rng, content, others):
    return content[: place(rng, content)]


def leave_out(rng, content, others):
    at = place(rng, content)
    return content[:at] + content[at + rng.choice([1, 2, 8, 100]) :]


def double(rng, content, others):
    at, size, times = place(rng, content), rng.choice([1, 2, 8, 100]), rng.choice([2, 2, 3, 2000])
    return content[:at] + content[at : at + size] * times + content[at + size :]


def insert(rng, content, others):
    at = place(rng, content)
    return content[:at] + rng.choice(TOKENS) + content[at:]


def replace(rng, content, others):
    at, size = place(rng, content), rng.choice([1, 2, 3, 6])
    return content[:at] + rng.choice(TOKENS) + content[at + size :]


def splice(rng, content, others):
    other = rng.choice(others)
    return content[: place(rng, content)] + other[place(rng, other) :]


CHANGES = [flip, flip, overwrite, cut, leave_out, double, insert, replace, splice]


def case(form_list, seed, number):
    """The content of a case."""
    rng = random.Random(f"{seed} {number}")
    content, pack = rng.choice(form_list)
    others = [other for other, _ in form_list]
    for _ in range(rng.choice([1, 1, 1, 2, 3, 8])):
        content = rng.choice(CHANGES)(rng, content, others)
    return pack(content)


@contextlib.contextmanager
def limited():
    """Bound the memory; what of it is lacking raises MemoryError."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextlib.contextmanager
def timed():
    """Bound the processor's time."""

    def stop(*_):
        raise HangError(f"{SECONDS} seconds")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def outcome(form, path, content):
    """Read a file; gives what came of it, and the fault in it, or None.

    Parameters
    ----------
    form : Format
    path : Path
        In a folder that holds nothing else.
    content : bytes
    """
    path.write_bytes(content)
    there = sorted(path.parent.rglob("*"))
    try:
        with timed(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            form.read(path)
        kind, fault = "read", None
    except form.errors as error:
        kind, fault = type(error).__name__, "MemoryError" if lacked_memory(error) else None
    except (Exception, HangError) as error:
        kind, fault = type(error).__name__, f"{type(error).__name__}: {str(error)[:200]}"
    if path.read_bytes() != content or sorted(path.parent.rglob("*")) != there:
        fault = "the folder of the file was changed"
    return kind, fault


def lacked_memory(error):
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return False


def fuzz(form, cases, seed=0, first=0, begun=lambda number: None):
    """Run cases; gives how many came out in which way, and the faults by case."""
    counts, faults = Counter(), {}
    with tempfile.TemporaryDirectory() as folder, form.prepared(Path(folder)) as forms, limited():
        path = Path(folder, form.file)
        for number in range(first, first + cases):
            begun(number)
            kind, fault = outcome(form, path, case(forms, seed, number))
            counts[kind] += 1
            if fault:
                faults[number] = fault
    return counts, faults


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("format", help="a format, all, or list")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from fault_formats import FORMATS

    if options.inside:
        with open(options.inside, "w") as last:
            counts, faults = fuzz(FORMATS[options.format], options.cases, options.seed, options.first, noted(last))
        print(json.dumps([counts, faults]))
        return 0
    if options.format == "list":
        print(*FORMATS, sep="\n")
        return 0
    return max(report(name, options) for name in (FORMATS if options.format == "all" else [options.format]))


def noted(file):
    def note(number):
        file.seek(0)
        file.write(f"{number}\n")
        file.flush()

    return note


def report(name, options):
    """Run a format in a process of its own, which may crash; prints counts, gives the exit status."""
    with tempfile.NamedTemporaryFile("r") as last:
        command = [sys.executable, "-X", "faulthandler", __file__, name, "--inside", last.name]
        command += ["--cases", str(options.cases), "--seed", str(options.seed), "--first", str(options.first)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            print(f"{name}: the process ended with {done.returncode} in case {last.read().strip()}", flush=True)
            return 1
    counts, faults = json.loads(done.stdout.splitlines()[-1])
    print(f"{name}: {options.cases} cases, {json.dumps(counts)}, {len(faults)} faults", flush=True)
    for fault, many in Counter(faults.values()).most_common(12):
        print(f"  {many} x {fault} (case {next(number for number in faults if faults[number] == fault)})", flush=True)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
