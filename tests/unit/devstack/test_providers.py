"""Which provider a server comes from, by what the environment and the PATH hold."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from devstack import jars
from devstack.credentials import Credentials
from devstack.ports import Ports
from devstack.servers import ALL, Site, kafka, plan
from devstack.startup_errors import StartupError


class CountingPorts(Ports):
    """Ports that nobody has to bind."""

    def __init__(self) -> None:
        super().__init__()
        self._next = 20000

    def choose(self) -> int:
        self._next += 1
        return self._next


def site(folder: Path, **environ: str) -> Site:
    settings = {"PATH": "", "SHOP_CACHE": str(folder / "cache"), **environ}
    return Site(folder, CountingPorts(), settings, Credentials())


def program(folder: Path, name: str) -> Mapping[str, str]:
    """A PATH with a program called `name`."""
    path = folder / "bin" / name
    path.parent.mkdir()
    path.touch(mode=0o755)
    return {"PATH": str(path.parent)}


def test_urls_in_the_environment_come_first(tmp_path: Path) -> None:
    given = site(
        tmp_path,
        KAFKA_URL="kafka.example:9092,kafka2.example:9092",
        MONGODB_URL="mongodb://me:secret@db.example/?tls=true",
        REDIS_URL="redis://cache.example:6380/1",
        S3_URL="https://s3.example/",
        S3_ACCESS_KEY="someone",
        S3_SECRET_KEY="something",
        STRIPE_URL="https://stripe.example",
    )

    servers, processes = plan(given)

    assert servers.kafka == "kafka.example:9092,kafka2.example:9092"
    assert servers.mongo["orders"] == "mongodb://me:secret@db.example/orders?tls=true"
    assert servers.redis == "redis://cache.example:6380/1"
    assert (servers.s3.url, servers.s3.access_key) == ("https://s3.example", "someone")
    assert servers.stripe == "https://stripe.example"
    assert [process.argv for process in processes] == [()] * 5


def test_mongod_on_the_path_holds_a_database_for_each_service(tmp_path: Path) -> None:
    servers, (process,) = plan(site(tmp_path, **program(tmp_path, "mongod")), {"mongo"})

    assert process.argv[0] == str(tmp_path / "bin" / "mongod")
    assert len({url.rpartition("/")[0] for url in servers.mongo.values()}) == 1
    assert {url.rpartition("/")[2] for url in servers.mongo.values()} == set(servers.mongo)


def test_redis_server_on_the_path_is_used(tmp_path: Path) -> None:
    _, (process,) = plan(site(tmp_path, **program(tmp_path, "redis-server")), {"redis"})

    assert process.argv[0] == str(tmp_path / "bin" / "redis-server")


def test_redis_without_a_program_or_wheel_says_that_it_forgets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    _, (process,) = plan(site(tmp_path), {"redis"})

    assert process.argv[1:3] == ("-m", "devstack.servers.redis")
    assert "forgets" in process.about


def test_the_stand_in_has_an_endpoint_for_each_service(tmp_path: Path) -> None:
    servers, (process,) = plan(site(tmp_path), {"mongo"})

    assert len({url.rpartition("/")[0] for url in servers.mongo.values()}) == 6
    assert all(url.endswith(f"/{name}?retryWrites=false") for name, url in servers.mongo.items())
    assert process.argv[1:3] == ("-m", "devstack.servers.mongo_stand_in")


def test_what_the_cache_lacks_is_downloaded_first(tmp_path: Path) -> None:
    _, (process,) = plan(site(tmp_path), {"kafka"})

    (download,) = process.first
    assert download.argv[1:] == ("-m", "devstack.jars", "fetch", "kafka")


def test_kafka_keeps_the_name_of_its_cluster(tmp_path: Path) -> None:
    plan(site(tmp_path), {"kafka"})
    properties = tmp_path / "kafka" / "logs" / "meta.properties"
    named = properties.read_text()

    plan(site(tmp_path), {"kafka"})

    assert "cluster.id=" in named
    assert properties.read_text() == named


def test_kafka_starts_with_the_cache_of_classes_that_fits(tmp_path: Path) -> None:
    given = site(tmp_path)
    cache = kafka.class_cache(given.environ)
    before = plan(given, {"kafka"})[1][0].argv
    cache.parent.mkdir(parents=True)
    cache.touch()

    (process,) = plan(given, {"kafka"})[1]

    assert not any("AOT" in word for word in before)
    assert f"-XX:AOTCache={cache}" in process.argv
    jar = jars.locked("kafka")[0].path(jars.cache_folder(given.environ))
    jar.parent.mkdir(parents=True)
    jar.touch()
    assert kafka.class_cache(given.environ) != cache


def test_kafka_listens_on_the_port_that_is_handed_out(tmp_path: Path) -> None:
    servers, _ = plan(site(tmp_path), {"kafka"})

    settings = (tmp_path / "kafka" / "server.properties").read_text()
    assert f"advertised.listeners=PLAINTEXT://{servers.kafka}\n" in settings


def test_the_keys_of_s3_are_not_on_the_command_line(tmp_path: Path) -> None:
    servers, (process,) = plan(site(tmp_path), {"s3"})

    assert not any(servers.s3.secret_key in word for word in process.argv)
    assert servers.s3.secret_key in process.env["RCLONE_AUTH_KEY"]


def test_the_keys_of_stripe_are_not_on_the_command_line(tmp_path: Path) -> None:
    given = site(tmp_path)
    keys = given.credentials
    secrets = {keys.stripe_secret_key, keys.stripe_publishable_key, keys.stripe_webhook_secret}

    _, (process,) = plan(given, {"stripe"})

    assert not any(secret in word for secret in secrets for word in process.argv)
    assert secrets <= set(process.env.values())


def test_what_was_not_asked_for_is_not_planned(tmp_path: Path) -> None:
    servers, processes = plan(site(tmp_path), {"redis"})

    assert [process.name for process in processes] == ["redis"]
    assert (servers.kafka, dict(servers.mongo), servers.s3.url) == ("", {}, "")


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"KAFKA_URL": ":9092"}, "KAFKA_URL is not an address"),
        ({"KAFKA_URL": "kafka:port"}, "KAFKA_URL is not an address"),
        ({"REDIS_URL": "redis://"}, "REDIS_URL is not an address"),
        ({"S3_URL": "http://s3.example"}, "S3_URL is set but S3_ACCESS_KEY is not"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, environ: dict[str, str], said: str) -> None:
    with pytest.raises(StartupError, match=said):
        plan(site(tmp_path, **environ))


def test_zipkin_comes_only_where_it_is_asked_for(tmp_path: Path) -> None:
    servers, (process,) = plan(site(tmp_path), {"zipkin"})

    assert "zipkin" not in ALL
    (download,) = process.first
    assert download.argv[-2:] == ("fetch", "zipkin")
    host, _, port = servers.zipkin.removeprefix("http://").partition(":")
    assert f"--armeria.ports[0].address={host}" in process.argv
    assert f"--armeria.ports[0].port={port}" in process.argv


def test_zipkin_may_be_the_persons_own(tmp_path: Path) -> None:
    servers, (process,) = plan(site(tmp_path, ZIPKIN_URL="http://zipkin:9411/"), {"zipkin"})

    assert servers.zipkin == "http://zipkin:9411"
    assert process.argv == ()
