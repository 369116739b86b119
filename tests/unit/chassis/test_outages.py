"""What is an outage is answered as one: try again, rather than an internal error."""

import pytest
from pymongo.errors import (
    BulkWriteError,
    DuplicateKeyError,
    NotPrimaryError,
    OperationFailure,
    WriteConcernError,
    WTimeoutError,
)
from redis.exceptions import ConnectionError as RedisConnectionError

from chassis.rpc.outages import is_outage
from chassis.rpc.status import status_of, status_of_error


@pytest.mark.parametrize(
    "error",
    [
        NotPrimaryError("a secondary now"),
        WTimeoutError("no majority", 64),
        WriteConcernError("shutting down", 91),
        OperationFailure("no majority to read from yet", 134),
        BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64}]}),
        RedisConnectionError("gone"),
    ],
)
def test_a_database_that_does_not_answer_is_unavailable(error: Exception) -> None:
    assert is_outage(error)
    status = status_of_error(error, {})
    assert status is not None
    assert status.code == status_of("UNAVAILABLE", "").code


@pytest.mark.parametrize("error", [DuplicateKeyError("", 11000), OperationFailure("", 9)])
def test_a_database_that_says_no_is_a_fault_of_the_shop(error: Exception) -> None:
    assert not is_outage(error)
    assert status_of_error(error, {}) is None
