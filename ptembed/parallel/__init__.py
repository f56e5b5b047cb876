"""Many processes, many machines: parameters in shared memory, rows in a store, and asynchronous training on them."""

from ptembed.parallel.counting import cooccurrences
from ptembed.parallel.factoring import nmf
from ptembed.parallel.hogwild import train
from ptembed.parallel.memory import Memory, share_memory
from ptembed.parallel.progress import Trained, WorkerError
from ptembed.parallel.ray_cluster import connect
from ptembed.parallel.store import RowStore, SharedRows
