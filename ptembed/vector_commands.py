"""``ptembed train``, ``neighbours``, ``evaluate`` and ``export``: vectors of words in files and pipes.

A ``-`` stands for standard input, or for standard output where something is written. Results go to standard output,
progress to standard error.
"""

import argparse
import contextlib
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ptembed.extras import needs

__all__ = ["add_commands"]

TRAIN_EXAMPLE = "example: ptembed train corpus.txt --out vectors.txt && ptembed neighbours vectors.txt coach"
NEIGHBOURS_EXAMPLE = "example: ptembed train corpus.txt --out - | ptembed neighbours - coach piano"
EVALUATE_EXAMPLE = "example: ptembed evaluate vectors.txt --pairs wordsim353.tsv --analogies questions-words.txt"
EXPORT_EXAMPLE = "example: ptembed export vectors.bin folder --format projector && tensorboard --logdir folder"
OBJECTIVES = ("skip-gram", "triplet")
MODELS = (*OBJECTIVES, "svd", "nmf")
FORMATS = ("word2vec", "word2vec-binary", "glove")


def add_commands(commands: Any) -> None:
    """Add the four commands to a parser's sub-commands."""
    _add_train(commands.add_parser("train", help="train word vectors on a text", epilog=TRAIN_EXAMPLE))
    near = commands.add_parser("neighbours", help="the nearest words", epilog=NEIGHBOURS_EXAMPLE)
    _add_vectors(near)
    near.add_argument("words", nargs="+", metavar="WORD")
    near.add_argument("-k", type=int, default=10, help="how many (default: %(default)s)")
    near.set_defaults(command=_neighbours, name="neighbours")
    scores = commands.add_parser("evaluate", help="scores of word vectors", epilog=EVALUATE_EXAMPLE)
    _add_vectors(scores)
    scores.add_argument("--pairs", metavar="FILE", help="pairs of words with a score by people, such as WordSim-353")
    scores.add_argument("--analogies", metavar="FILE", help="four words a line, such as questions-words.txt")
    scores.set_defaults(command=_evaluate, name="evaluate", parser=scores)
    export = commands.add_parser("export", help="write vectors in another format", epilog=EXPORT_EXAMPLE)
    _add_vectors(export)
    export.add_argument("out", help="the file, or the folder for the projector")
    export.add_argument("--format", choices=(*FORMATS, "projector"), default="word2vec", help="(default: %(default)s)")
    export.set_defaults(command=_export, name="export", parser=export)


def _add_train(train: argparse.ArgumentParser) -> None:
    train.add_argument("text", help="a text file, a sentence a line; .gz is decompressed; - for standard input")
    train.add_argument("--out", required=True, help="the file to write; - for standard output")
    train.add_argument("--format", choices=FORMATS, help="of the file (default: by its name, word2vec or .bin)")
    model = "how vectors are trained: svd and nmf keep 4 bytes of each word of the text, the others nothing"
    model = f"{model} (default: %(default)s)"
    train.add_argument("--model", choices=MODELS, default="skip-gram", help=model)
    for name, default, words in (
        ("dim", 100, "numbers of a vector"),
        ("window", 5, "the largest distance of words that count as near"),
        ("epochs", 5, "passes through the text"),
        ("min-count", 5, "leave out words that occur fewer times"),
        ("seed", 0, "of all random numbers"),
    ):
        train.add_argument(f"--{name}", type=int, default=default, help=f"{words} (default: %(default)s)")
    words = "threshold by which frequent words are thinned out, 0: none (default: %(default)s; not of svd and nmf)"
    train.add_argument("--subsample", type=float, default=1e-3, help=words)
    train.add_argument("--keep-case", action="store_true", help="tell A from a")
    _add_errors(train)
    train.add_argument("--json", action="store_true", help="print what was done as JSON")
    train.set_defaults(command=_train, name="train", parser=train)


def _add_vectors(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("vectors", help="a file of word2vec or GloVe; - for standard input")
    parser.add_argument("--from", dest="source", choices=FORMATS, help="of the file (default: by its name and start)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    _add_errors(parser)


def _add_errors(parser: argparse.ArgumentParser) -> None:
    words = "what becomes of bytes that are no UTF-8 (default: %(default)s)"
    parser.add_argument("--errors", choices=("strict", "ignore", "replace"), default="strict", help=words)


def _train(options) -> int:
    if options.out == "-" and options.json:
        options.parser.error("standard output has the vectors with --out -: leave out --json")
    _check_out(options.out)
    from ptembed.io.sentences import Sentences

    start, bar = time.perf_counter(), _Bar()
    source = sys.stdin.buffer if options.text == "-" else options.text
    sentences = Sentences(source, not options.keep_case, options.errors, bar)
    bar.size = sentences.size
    with warnings.catch_warnings(record=True) as warned:
        try:
            model = _model(options).fit(sentences)
        finally:
            bar.close()
    for said in dict.fromkeys(str(warning.message) for warning in warned):
        print(f"ptembed train: {said}", file=sys.stderr)
    _write(options.out, model.words_, model.vectors_, options.format)
    told = {
        "out": options.out,
        "words": len(model.words_),
        "dimensions": model.vectors_.shape[1],
        "losses": getattr(model, "losses_", []),
        "seconds": round(time.perf_counter() - start, 2),
    }
    line = f"{told['words']:,} words of {told['dimensions']} numbers in {told['seconds']:.0f} s: {options.out}"
    print(json.dumps(told) if options.json else line, file=sys.stderr if options.out == "-" else sys.stdout)
    return 0


def _check_out(out) -> None:
    """Refuse a file that cannot be written before anything is computed."""
    folder = Path(out).resolve().parent
    if out != "-" and not folder.is_dir():
        raise FileNotFoundError(f"the folder {folder} must exist: make it first")
    if Path(out).is_dir():
        raise IsADirectoryError(f"{out} must be a file, and is a folder: add a name")


class _Bar:
    """A progress bar for each pass through the text, on standard error."""

    def __init__(self):
        self.size, self.passes, self.bar = 0, 0, None

    def __call__(self, done):
        if done is None:
            self.passes += 1
            self.close()
            return
        if self.bar is None:
            words = "counting words" if self.passes == 0 else f"epoch {self.passes}"
            self.bar = needs("tqdm", "learn").tqdm(total=self.size, desc=words, unit="B", unit_scale=True, leave=False)
        self.bar.update(done)

    def close(self):
        if self.bar is not None:
            self.bar.close()
            self.bar = None


def _model(options):
    estimators = needs("ptembed.estimators", "learn")
    common = {"window": options.window, "min_count": options.min_count, "random_state": options.seed}
    if options.model in OBJECTIVES:
        common |= {"objective": options.model, "max_iter": options.epochs, "subsample": options.subsample or None}
        return estimators.WordVectors(options.dim, **common)
    return estimators.CooccurrenceVectors(options.dim, factors=options.model, **common)


def _write(out, words, E, format=None) -> None:
    from ptembed.io.formats import write_vectors

    format = format or ("word2vec-binary" if ".bin" in Path(out).suffixes else "word2vec")
    if out != "-":
        _check_out(out)
        try:
            write_vectors(out, words, E, format)
        except OSError as error:
            raise OSError(f"{out} could not be written, {error.strerror}: what was there is there still") from error
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "vectors")
        write_vectors(path, words, E, format)
        sys.stdout.buffer.write(path.read_bytes())
        sys.stdout.buffer.flush()


@contextlib.contextmanager
def _file_of(path) -> Iterator[Path]:
    """Give the file, or a copy of standard input for as long as it is needed."""
    if path != "-":
        yield Path(path)
        return
    with tempfile.NamedTemporaryFile(prefix="ptembed-") as copy:
        copy.write(sys.stdin.buffer.read())
        copy.flush()
        try:
            yield Path(copy.name)
        except ValueError as error:
            raise ValueError(str(error).replace(copy.name, "standard input")) from error


def _read(options):
    from ptembed.io.formats import read_vectors

    with _file_of(options.vectors) as path:
        return read_vectors(path, options.source, errors=options.errors)


def _neighbours(options) -> int:
    from ptembed.factor.neighbours import Neighbours

    words, E = _read(options)
    index = {word: i for i, word in enumerate(words)}
    unknown = [word for word in options.words if word not in index]
    if unknown:
        raise KeyError(f"{unknown[0]!r} must be one of the {len(words):,} words of the vectors")
    numbers, cosines = Neighbours(E).of([index[word] for word in options.words], options.k)
    found = {
        word: [(words[i], round(float(c), 4)) for i, c in zip(row, near, strict=True)]
        for word, row, near in zip(options.words, numbers, cosines, strict=True)
    }
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for word, near in found.items():
            print(f"{word}: {', '.join(f'{other} {cosine:.3f}' for other, cosine in near)}")
    return 0


def _evaluate(options) -> int:
    if not (options.pairs or options.analogies):
        options.parser.error("what to compare with is needed: --pairs FILE, --analogies FILE or both")
    from ptembed import evaluate
    from ptembed.io.judgements import read_analogies, read_pairs

    words, E = _read(options)
    found = {}
    if options.pairs:
        found["similarity"] = _score(
            "spearman", "pairs", *evaluate.word_similarity(words, E, read_pairs(options.pairs))
        )
    if options.analogies:
        questions = [four for part in read_analogies(options.analogies).values() for four in part]
        found["analogies"] = _score("right", "questions", *evaluate.analogies(words, E, questions))
    if options.json:
        print(json.dumps(found))
    else:
        for name, scores in found.items():
            print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in scores.items()))
    return 0


def _score(name, what, score, known):
    return {name: round(score, 4), what: known}


def _export(options) -> int:
    from ptembed.io.formats import write_vectors

    if options.format == "projector" and options.out == "-":
        options.parser.error("the projector needs a folder, which standard output is not: give its name")
    words, E = _read(options)
    if options.format == "projector":
        write_vectors(options.out, words, E, "projector")
    else:
        _write(options.out, words, E, options.format)
    told = {"out": options.out, "format": options.format, "words": len(words), "dimensions": E.shape[1]}
    line = f"{len(words):,} words of {E.shape[1]} numbers, {options.format}: {options.out}"
    print(json.dumps(told) if options.json else line, file=sys.stderr if options.out == "-" else sys.stdout)
    return 0
