"""The version of Theano that the drop-in stands for."""

__all__ = ["full_version", "git_revision", "release", "short_version", "version"]

version = short_version = full_version = "1.0.5"
git_revision = "unknown"
release = True
