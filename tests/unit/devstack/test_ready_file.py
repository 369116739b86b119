"""`ready.json`."""

import json
from dataclasses import replace
from pathlib import Path

from devstack import ready_file
from devstack.credentials import Credentials
from devstack.servers import S3Address, Servers
from devstack.shop_processes import ProcessPorts, Shop


def test_it_says_where_everything_is(tmp_path: Path) -> None:
    servers = Servers(
        kafka="127.0.0.1:1",
        mongo={"orders": "mongodb://127.0.0.1:2/orders"},
        redis="redis://127.0.0.1:3/0",
        s3=S3Address("http://127.0.0.1:4", "key", "secret"),
        stripe="http://127.0.0.1:5",
    )
    ports = {"svc_orders": ProcessPorts(100, 200), "gateway": ProcessPorts(None, 201, 8000)}
    shop = Shop(servers, ports, Credentials(), tmp_path, {})
    pids = {"svc_orders": 7, "gateway": 8, "kafka": 9}

    ready_file.write(tmp_path, ready_file.describe(shop, pids.get))

    said = json.loads((tmp_path / "ready.json").read_text())
    assert said["url"] == "http://127.0.0.1:8000"
    assert said["admin"] == "http://127.0.0.1:8000/admin"
    assert set(said["logins"]) == {"admin", "shopper"}
    assert said["processes"] == {
        "svc_orders": {"pid": 7, "grpc": "127.0.0.1:100", "ops": "http://127.0.0.1:200"},
        "gateway": {"pid": 8, "grpc": None, "ops": "http://127.0.0.1:201"},
    }
    assert said["servers"]["mongo"] == {"orders": "mongodb://127.0.0.1:2/orders"}
    assert said["servers"]["s3"] == "http://127.0.0.1:4"
    assert said["serverPids"]["kafka"] == 9
    assert "traces" not in said
    tracing = replace(shop, servers=replace(servers, zipkin="http://127.0.0.1:6"))
    assert ready_file.describe(tracing, pids.get)["traces"] == "http://127.0.0.1:6/zipkin/"


def test_an_update_does_not_say_ready_before_it_is(tmp_path: Path) -> None:
    ready_file.update(tmp_path, {"url": "x"})
    assert not (tmp_path / "ready.json").exists()


def test_it_is_gone_when_removed_twice(tmp_path: Path) -> None:
    ready_file.write(tmp_path, {"url": "x"})
    ready_file.remove(tmp_path)
    ready_file.remove(tmp_path)

    assert list(tmp_path.iterdir()) == []
