"""The table of ``docs/legacy/flags.md``, from the code; ``python tests/legacy/flags_table.py`` writes it there."""

from pathlib import Path

from ptembed.theano.configdefaults import FORWARDED, KNOWN, OWN

PAGE = Path(__file__).resolve().parents[2] / "docs" / "legacy" / "flags.md"
BEGIN, END = "<!-- flags -->\n", "<!-- end of flags -->\n"

EFFECTS = {
    "compute_test_value": "`tag.test_value` is computed as a graph is written; `warn`, `raise`, `ignore` as in Theano",
    "int_division": "what `/` of integer tensors does in sources of Python 2, and `T.int_div` in place of it",
    "linker": "the linker of the default mode; `numba` is one more",
    "mode": "the default mode",
    "optimizer": "the optimizer of the default mode",
    "optimizer_excluding": "optimizers that the default mode leaves out",
    "optimizer_including": "optimizers that the default mode adds",
    "optimizer_requiring": "optimizers that the default mode requires",
    "unittests.rseed": "the seed of `theano.tests.unittest_tools`",
    "unpickle_function": "with `False`, compiled functions are unpickled as `None`",
}
ON_GPU = ("gpuarray.", "dnn.", "magma.", "gpu.", "gpuelemwise.", "cuda.", "ctc.")
GPU_FLAGS = ("device", "init_gpu_device", "force_device", "contexts", "print_active_device")


def table() -> str:
    """The rows, a flag each, in the order of their names."""
    rows = [f"| `{flag}` | {_shown(KNOWN[flag])} | {_meaning(flag)} |" for flag in sorted(KNOWN, key=str.lower)]
    return "\n".join(["| flag | default | here |", "|---|---|---|", *rows, ""])


def _shown(value) -> str:
    return f"`{value}`".replace("|", "\\|") if value != "" else ""


def _meaning(flag) -> str:
    if flag in FORWARDED:
        return f"PyTensor's `{flag.replace('.', '__')}`"
    if flag in OWN:
        return EFFECTS[flag]
    if flag in ("compiledir", "base_compiledir"):
        return "gives PyTensor's folder; setting it has no effect, reported once"
    if flag in GPU_FLAGS or flag.startswith(ON_GPU):
        return "no effect, reported once: programs run on the CPU"
    return "no effect, reported once"


def parts(text: str) -> tuple[str, str, str]:
    """The page before, in and after the table."""
    before, begin, rest = text.partition(BEGIN)
    inner, end, after = rest.partition(END)
    return before + begin, inner, end + after


def main() -> None:
    """Write the table into the page."""
    before, _, after = parts(PAGE.read_text("utf8"))
    PAGE.write_text(before + table() + after, "utf8")


if __name__ == "__main__":
    main()
