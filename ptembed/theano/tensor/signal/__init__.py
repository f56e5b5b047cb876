"""Pooling and convolution of signals."""
