"""The cache of classes for Kafka, made by the Java that uses it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from devstack import jars
from devstack.processes import PROJECT
from devstack.servers import kafka, running


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    """An environment whose cache has the jars, and no classes yet."""
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "jars").symlink_to(jars.cache_folder(os.environ))
    return {**os.environ, "SHOP_CACHE": str(cache)}


def test_kafka_starts_with_the_classes_that_another_run_loaded(
    tmp_path: Path, environ: Mapping[str, str]
) -> None:
    cache, folder = kafka.class_cache(environ), tmp_path / "making"

    subprocess.run(
        [sys.executable, "-m", "devstack.servers.kafka_classes", str(folder)],
        cwd=PROJECT,
        env=dict(environ),
        check=True,
    )

    assert not folder.exists()
    assert asyncio.run(is_used(cache, tmp_path, environ))
    cache.write_bytes(b"broken")
    assert not asyncio.run(is_used(cache, tmp_path, environ))


async def is_used(cache: Path, folder: Path, environ: Mapping[str, str]) -> bool:
    """Whether a Kafka that has started has the cache in its memory."""
    others = machines()
    async with running(folder / "data", {"kafka"}, environ=environ):
        [broker] = machines() - others
        return str(cache) in {each.path for each in broker.memory_maps()}


def machines() -> set[psutil.Process]:
    """The Java machines that this process runs; other tests' servers among them."""
    return {child for child in psutil.Process().children() if "java" in child.name()}
