"""Names of Theano's that are importable, as programs import them early, and not served yet."""

__all__ = ["not_yet"]


def not_yet(name: str, instead: str) -> type:
    """Make a class that says so when it is called, or an instance made.

    Parameters
    ----------
    name : str
        With its module, as programs write it.
    instead : str
        What to use until then.
    """

    def refuse(self, *args, **kwargs):
        raise NotImplementedError(f"{name} is not served yet: use {instead} until then.")

    return type(name.rpartition(".")[2], (), {"__init__": refuse, "__doc__": f"``{name}``: not served yet."})
