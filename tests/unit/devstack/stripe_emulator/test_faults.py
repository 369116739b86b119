import pytest

from devstack.stripe_emulator.faults import AFTER, BEFORE, BadFaultError, Fault, Faults, Kind


def switched_on(*bodies: object) -> Faults:
    faults = Faults()
    for body in bodies:
        faults.add(Fault.read(body))
    return faults


def test_a_fault_strikes_as_often_as_set() -> None:
    faults = switched_on({"kind": "rate_limit_429", "times": 2})

    struck = [faults.take(BEFORE, "POST", "/v1/refunds") for _ in range(3)]

    assert [fault.kind if fault else None for fault in struck] == [
        Kind.RATE_LIMIT_429,
        Kind.RATE_LIMIT_429,
        None,
    ]
    assert faults.listed() == []


def test_a_fault_strikes_only_what_it_matches() -> None:
    match = {"path": "/v1/payment_intents*", "method": "GET"}
    faults = switched_on({"kind": "error_500", "match": match})

    assert faults.take(AFTER, "POST", "/v1/payment_intents") is None
    assert faults.take(AFTER, "GET", "/v1/charges") is None
    assert faults.take(BEFORE, "GET", "/v1/payment_intents/pi_1") is None
    assert faults.take(AFTER, "GET", "/v1/payment_intents/pi_1") is not None


def test_webhooks_come_late_twice_or_never() -> None:
    faults = switched_on(
        {"kind": "webhook_late", "seconds": 5, "match": {"type": "payment_intent.*"}},
        {"kind": "webhook_twice"},
        {"kind": "webhook_never"},
    )

    delays = [faults.delivery_delays("charge.succeeded") for _ in range(3)]

    assert delays == [(0.0, 0.0), (), (0.0,)]
    assert faults.delivery_delays("payment_intent.succeeded") == (5,)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"kind": "flood"},
        {"kind": ["slow"]},
        {"kind": "slow", "times": 0},
        {"kind": "slow", "times": True},
        {"kind": "slow", "times": 1.5},
        {"kind": "slow", "seconds": -1},
        {"kind": "slow", "seconds": "1"},
        {"kind": "slow", "match": {"host": "x"}},
        {"kind": "slow", "match": "path"},
        {"kind": "slow", "sometimes": 1},
    ],
)
def test_descriptions_that_make_no_sense_are_refused(body: object) -> None:
    with pytest.raises(BadFaultError):
        Fault.read(body)
