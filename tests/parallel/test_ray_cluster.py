"""A cluster that cannot be reached is an error, soon."""

import socket
import time

import pytest

from ptembed import parallel
from ptembed.parallel import ray_cluster


@pytest.fixture
def silent():
    """The address of a port at which nobody answers."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


@pytest.mark.parametrize("prefix", ["", "ray://"])
def test_a_cluster_that_cannot_be_reached_is_an_error_soon(silent, prefix, monkeypatch):
    monkeypatch.setattr(ray_cluster, "needs", lambda *names: None)
    started = time.monotonic()
    with pytest.raises(ConnectionError, match=f"a Ray cluster must answer at {prefix}{silent}, got none in 2 s"):
        parallel.connect(prefix + silent, timeout=2.0)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("address", ["localhost", ":6379", "host:port"])
def test_an_address_has_a_port(address, monkeypatch):
    monkeypatch.setattr(ray_cluster, "needs", lambda *names: None)
    with pytest.raises(ValueError, match="address must be 'auto', 'host:port'"):
        parallel.connect(address)


def test_without_a_connection_nothing_hangs():
    ray = pytest.importorskip("ray", reason="Ray is not installed")
    if ray.is_initialized():
        pytest.skip("other tests are connected")
    with pytest.raises(RuntimeError, match="must be a connection to a Ray cluster"):
        ray_cluster.connected()


@pytest.mark.parametrize(
    "cpus, actors, each", [([2, 2], 4, 1.0), ([1, 1], 3, 0.5), ([1, 3], 9, 0.3333), ([0, 1], 7, 0.1428), ([], 2, 1.0)]
)
def test_actors_share_processors_so_that_all_fit(cpus, actors, each):
    nodes = [{"Alive": True, "Resources": {"CPU": cpu}} for cpu in cpus]
    nodes.append({"Alive": False, "Resources": {"CPU": 99}})
    assert ray_cluster._share(nodes, actors) == each
