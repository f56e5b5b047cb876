"""The version of Theano that the drop-in stands for."""

__all__ = ["FALLBACK_VERSION", "full_version", "git_revision", "release", "short_version", "version"]

version = short_version = full_version = "1.0.5"
FALLBACK_VERSION = "1.0.5+unknown"
git_revision = "unknown"
release = True
