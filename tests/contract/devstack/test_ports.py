"""Ports are kept for the processes that will listen on them."""

import socket
from contextlib import closing

import pytest

from devstack.ports import LOOPBACK, Ports


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def can_listen(port: int) -> bool:
    """Whether a server, which reuses addresses as all do, gets the port."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((LOOPBACK, port))
        server.listen(1)
        return True


def test_a_port_is_chosen_once() -> None:
    with closing(Ports()) as ports:
        chosen = [ports.choose() for _ in range(200)]
    assert len(set(chosen)) == len(chosen)


def test_a_port_that_is_kept_is_nobody_elses() -> None:
    port = free_port()
    with closing(Ports()) as ports:
        ports.keep(port)
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind((LOOPBACK, port))
    with socket.socket() as other:
        other.bind((LOOPBACK, port))


def test_the_process_that_it_is_for_can_listen() -> None:
    with closing(Ports()) as ports:
        kept = free_port()
        ports.keep(kept)
        assert can_listen(kept)
        assert can_listen(ports.choose())
