"""Python 2 and 3 at once, as Theano spelled it."""
