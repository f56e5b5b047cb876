"""Records what a program computes, and finds where another run of it computes something else."""

from ptembed.theano.compile import Mode
from ptembed.theano.printing import hex_digest

__all__ = ["MismatchError", "Record", "RecordMode"]


class MismatchError(Exception):
    """A line is not the one that the earlier run wrote."""


class Record:
    """A list of lines that is written, or compared with.

    Parameters
    ----------
    file_object : file, optional
        Where the lines are, opened in text mode.
    file_path : str, optional
        Where they are if there is no ``file_object``.
    replay : bool
        Whether to compare with the lines instead of writing them.

    Raises
    ------
    ValueError
        If neither file is given.
    """

    def __init__(self, file_object=None, file_path=None, replay=False):
        if file_object is None and file_path is None:
            raise ValueError("Record takes file_object or file_path, got neither: give one of them.")
        self.file_object, self.file_path, self.replay = file_object, file_path, replay
        self.f = open(file_path, "r" if replay else "w") if file_object is None else file_object  # noqa: SIM115

    def handle_line(self, line):
        """Write ``line``, or compare it with the next one.

        Raises
        ------
        ValueError
            If ``line`` is not one line with its end.
        MismatchError
            If the next line is another one.
        """
        if line.find("\n") != len(line) - 1:
            raise ValueError(f"handle_line takes one line that ends with a newline, got {line!r}.")
        if not self.replay:
            self.f.write(line)
            return
        earlier = self.f.readline()
        if earlier != line:
            raise MismatchError(f"This run would write {_short(line)}, where the earlier one wrote {_short(earlier)}.")


class RecordMode(Mode):
    """A mode that records each step of each function: its node, and digests of what goes in and out.

    Parameters
    ----------
    record : Record, optional
        Where to; else made of ``kwargs``.
    **kwargs
        Of :class:`Record`.

    Raises
    ------
    TypeError
        If both are given.
    """

    def __init__(self, record=None, **kwargs):
        from pytensor.link.basic import PerformLinker, WrapLinkerMany

        if record is not None and kwargs:
            raise TypeError(f"RecordMode takes a record or what makes one, got both: leave out {', '.join(kwargs)}.")
        self.set_record(record or Record(**kwargs))
        super().__init__(WrapLinkerMany([PerformLinker()], [self._step]), optimizer="fast_run")

    def set_record(self, record):
        """Go on with another record."""
        self.record = record
        self.known_fgraphs = set()

    def _step(self, fgraph, i, node, thunk):
        name = getattr(fgraph, "name", None)
        if fgraph not in self.known_fgraphs:
            self.known_fgraphs.add(fgraph)
            self.record.handle_line(f"Function {name} has {len(fgraph.apply_nodes)} apply nodes.\n")
        self.record.handle_line(f"Function name: {name}\n")
        self.record.handle_line(f"Node {i}:{_one_line(node)}\n")
        self.record.handle_line(f"Inputs: {_digests(thunk.inputs)}\n")
        thunk()
        self.record.handle_line(f"Outputs: {_digests(thunk.outputs)}\n")


def _digests(storage):
    return " ".join(hex_digest(cell[0]) for cell in storage)


def _one_line(node):
    return " ".join(str(node).split())


def _short(line):
    return repr(line if len(line) <= 100 else line[:100] + "...")
