"""Many processes, many machines: parameters in shared memory, rows in a store, and asynchronous training on them."""

from ptembed.parallel.hogwild import train
from ptembed.parallel.memory import Memory, share_memory
from ptembed.parallel.store import RowStore, SharedRows
from ptembed.parallel.workers import Trained, WorkerError
