"""Pure symbols: expressions in, expressions out."""

from ptembed.graphs.adam import adam, adamax, adamw, amsgrad, nadam
from ptembed.graphs.lazy import PerStep, gradients, lazily, per_row
from ptembed.graphs.norms import clip_global, clip_rows, l2, max_norm
from ptembed.graphs.rows import Rows, rows
from ptembed.graphs.schedules import (
    constant,
    cosine,
    exponential_decay,
    inverse_time,
    step_counter,
    step_decay,
    warm_up,
)
from ptembed.graphs.updates import adadelta, adagrad, ftrl, momentum, nesterov, rmsprop, rowwise_adagrad, sgd
