"""The connection to a cluster of Ray.

Read next: :mod:`ptembed.parallel.ray_store`.
"""

import itertools
import os
import socket
import time
from typing import Any

from ptembed.extras import needs

__all__ = ["connect", "connected", "insist", "place"]

ROOM = 60.0  # seconds to wait for room on the cluster
START = 300.0  # seconds that actors may take to start where there is room, or to be started anew


def connect(address: Any, timeout: float = 5.0, **options: Any) -> Any:
    """Connect this process to a cluster, or say soon that it cannot be reached.

    Parameters
    ----------
    address : str
        ``"host:6379"``, as ``ray start --head`` prints it, on a machine of the cluster; ``"ray://host:10001"`` from
        any other; ``"auto"`` for the cluster of this machine.
    timeout : float
        Seconds to wait for an answer.
    **options
        Of ``ray.init``.

    Raises
    ------
    ImportError
        When Ray is not installed.
    ValueError
        When ``address`` has no port.
    ConnectionError
        When nothing answers there.
    """
    ray = needs("ray", "ray")
    if address != "auto":
        _check_answers(address, timeout)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    return ray.init(address=address, **options)


def _check_answers(address, timeout):
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        raise ValueError(f"address must be 'auto', 'host:port' or 'ray://host:port', got {address!r}")
    try:
        socket.create_connection((host, int(port)), timeout).close()
    except OSError as error:
        raise ConnectionError(
            f"a Ray cluster must answer at {address}, got none in {timeout:g} s ({error}): "
            "start one by ray start --head, and see that its port is open"
        ) from error


def connected() -> Any:
    """Give the module ``ray``.

    Raises
    ------
    ImportError
        When it is not installed.
    RuntimeError
        When it is not connected to a cluster.
    """
    ray = needs("ray", "ray")
    if not ray.is_initialized():
        raise RuntimeError(
            "there must be a connection to a Ray cluster: call ray.init(), or parallel.connect(address) first"
        )
    return ray


def place(kind: Any, arguments: Any, cpus: Any = None, **options: Any) -> Any:
    """Start an actor of class ``kind`` for each of ``arguments``, spread over the machines; wait until all are there.

    Each takes a processor, or where the cluster has fewer its share of them.

    Raises
    ------
    RuntimeError
        When the cluster has no room for all.
    """
    ray = connected()
    if cpus is None:
        cpus = _share(ray.nodes(), len(arguments))
    made = ray.remote(kind).options(num_cpus=cpus, scheduling_strategy="SPREAD", **options)
    actors = [made.remote(*each) for each in arguments]
    there, started = [actor.__ray_ready__.remote() for actor in actors], time.monotonic()
    ready, missing = ray.wait(there, num_returns=len(there), timeout=ROOM)
    if missing and ray.available_resources().get("CPU", 0) >= cpus * len(missing):
        ready, missing = ray.wait(there, num_returns=len(there), timeout=START - ROOM)
    if missing:
        for actor in actors:
            ray.kill(actor)
        free = ray.available_resources().get("CPU", 0)
        raise RuntimeError(
            f"the cluster must have room for {len(actors)} actors of {cpus:g} processors, {len(ready)} were there "
            f"after {time.monotonic() - started:.0f} s, {free:g} processors are free: end other work, or take fewer"
        )
    ray.get(ready)
    return actors


def _share(nodes, actors):
    """Give the processors of each actor: one, or the largest part of one by which all fit on the machines."""
    cpus = [node["Resources"].get("CPU", 0) for node in nodes if node["Alive"]]
    if not sum(cpus):
        return 1.0
    parts = next(m for m in itertools.count(1) if sum(int(cpu * m) for cpu in cpus) >= actors)
    return int(10_000 / parts) / 10_000  # Ray counts ten-thousandths


def insist(call: Any) -> Any:
    """Repeat ``call()`` while an actor that was lost is started anew."""
    ray, deadline = connected(), time.monotonic() + START
    while True:
        try:
            return call()
        except ray.exceptions.RayActorError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
