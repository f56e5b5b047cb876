"""Many processes: parameters in shared memory, and asynchronous training on them."""

from ptembed.parallel.hogwild import Trained, WorkerError, train
from ptembed.parallel.memory import Memory, share_memory
