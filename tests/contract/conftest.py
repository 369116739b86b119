"""Listens to what the stores ask of MongoDB while their contract tests run."""

import pytest
from pymongo import monitoring

from tests.contract.query_recorder import QueryRecorder


@pytest.fixture(scope="session", autouse=True)
def recorder() -> QueryRecorder:
    """Hears every client that is made from the first contract test on."""
    recorder = QueryRecorder()
    monitoring.register(recorder)
    return recorder
