"""The scripts here are run by real Theano, none of them by pytest."""

collect_ignore_glob = ["*.py"]
