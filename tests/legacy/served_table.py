"""The table of ``docs/legacy/served.md``, from the code; ``python tests/legacy/served_table.py`` writes it there."""

import json
from collections import defaultdict
from pathlib import Path

from ptembed import legacy
from ptembed.legacy.census_status import STATUSES, status

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "legacy" / "served.md"
BEGIN, END = "<!-- served -->\n", "<!-- end of served -->\n"
SHOWN = 5
#: Optimizers that PyTensor 3.3 has no more; they are left out, so that the table is that of each line of PyTensor.
OF_ONE_LINE = {
    *("theano.tensor.blas.local_dot22_to_ger_or_gemv", "theano.tensor.blas.local_gemm_to_ger"),
    *("theano.tensor.blas.local_inplace_ger", "theano.tensor.opt.local_opt_alloc"),
}


def table() -> str:
    """The rows, a module each, and their sum; the drop-in must be active."""
    recorded = json.loads((HERE / "theano_names.json").read_text("utf8"))
    by_status = {module: _by_status(module, names) for module, names in recorded.items()}
    rows = [
        _row(f"`{module}`", {kind: len(found[kind]) for kind in STATUSES}, found["missing"])
        for module, found in by_status.items()
    ]
    total = {kind: sum(len(found[kind]) for found in by_status.values()) for kind in STATUSES}
    head = "| module | names | served | emulated | no-op | missing | which |\n|---|---|---|---|---|---|---|"
    return "\n".join([head, *rows, _row("all", total, []), ""])


def _by_status(module: str, names: list[str]) -> dict[str, list[str]]:
    found = defaultdict(list)
    for name in names:
        if f"{module}.{name}" not in OF_ONE_LINE:
            found[status(f"{module}.{name}").status].append(name)
    return found


def _row(title: str, counts: dict[str, int], missing: list[str]) -> str:
    which = ", ".join(f"`{name}`" for name in missing[:SHOWN])
    which += f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
    return "| " + " | ".join([title, str(sum(counts.values())), *map(str, counts.values()), which]) + " |"


def parts(text: str) -> tuple[str, str, str]:
    """The page before, in and after the table."""
    before, begin, rest = text.partition(BEGIN)
    inner, end, after = rest.partition(END)
    return before + begin, inner, end + after


def main() -> None:
    """Write the table into the page."""
    legacy.activate()
    before, _, after = parts(PAGE.read_text("utf8"))
    PAGE.write_text(before + table() + after, "utf8")


if __name__ == "__main__":
    main()
