"""The recipes import Theano, so pytest must not import them."""

collect_ignore = ["recipes"]
