"""Compile and loop: blocks of steps in one compiled call, and the samplers that feed them."""

from ptembed.train.alias import AliasTable
from ptembed.train.block import Block, block
from ptembed.train.checkpoints import load_values, save_values
from ptembed.train.samplers import ClassBalanced, Triplets, Uniform, Unigram, Weighted
from ptembed.train.trusted import trusted
