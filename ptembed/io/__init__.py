"""Vectors with names, in the files and objects of other tools.

Each reader gives :class:`ptembed.io.named.Named`, words and the matrix of their vectors; each writer takes the two.
Read first :mod:`ptembed.io.word2vec`.
"""
