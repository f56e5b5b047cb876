"""Convolution and pooling by sparse products."""
