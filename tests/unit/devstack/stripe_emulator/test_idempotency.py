import pytest

from devstack.stripe_emulator.errors import KeyInUseError, KeyMismatchError, ParameterError
from devstack.stripe_emulator.idempotency import (
    REMEMBERED_SECONDS,
    InFlight,
    check_key,
    fingerprint,
    replayable,
)
from devstack.stripe_emulator.store import SavedReply

PRINT = fingerprint([("amount", "500"), ("currency", "usd")])
SAVED = SavedReply("k", "/v1/charges", PRINT, "req_1", 500, "{}", created=1000)


def test_the_order_of_parameters_does_not_matter() -> None:
    assert fingerprint([("currency", "usd"), ("amount", "500")]) == PRINT


def test_the_first_answer_is_given_again_for_a_day() -> None:
    last_second = 1000 + REMEMBERED_SECONDS - 1

    assert replayable(SAVED, "/v1/charges", PRINT, last_second) is SAVED
    assert replayable(SAVED, "/v1/charges", PRINT, last_second + 1) is None
    assert replayable(None, "/v1/charges", PRINT, 0) is None


@pytest.mark.parametrize(
    ("path", "request_print"), [("/v1/refunds", PRINT), ("/v1/charges", fingerprint([]))]
)
def test_another_request_under_the_same_key_is_refused(path: str, request_print: str) -> None:
    with pytest.raises(KeyMismatchError) as refused:
        replayable(SAVED, path, request_print, 1001)

    assert refused.value.body()["error"]["type"] == "idempotency_error"


def test_a_key_is_held_by_one_request_at_a_time() -> None:
    in_flight = InFlight()

    with (
        in_flight.holding("k"),
        in_flight.holding(None),
        in_flight.holding("other"),
        pytest.raises(KeyInUseError),
        in_flight.holding("k"),
    ):
        pytest.fail("the key was held twice")
    with in_flight.holding("k"):
        pass


def test_long_keys_are_refused() -> None:
    check_key("k" * 255)
    with pytest.raises(ParameterError):
        check_key("k" * 256)
