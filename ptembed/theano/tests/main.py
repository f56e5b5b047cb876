"""Theano's own tests: are not shipped."""

__all__ = ["TheanoNoseTester", "main"]


class TheanoNoseTester:
    """Ran Theano's own tests."""

    def test(self, *args, **kwargs):
        """Raise ``NotImplementedError``."""
        main()


def main(modulename=None):
    """Raise ``NotImplementedError``: run the tests of ptembed instead."""
    raise NotImplementedError("Theano's own tests are not shipped: run those of ptembed, `pytest tests` in its source.")
