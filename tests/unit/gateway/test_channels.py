"""Where calls go."""

import pytest

from chassis.process import StartError
from chassis.resilience.circuit_breakers import CircuitBreakers
from gateway.contract import load_rpcs
from gateway.transcoding.channels import Channels
from tests.unit.gateway.fakes import make_settings


def test_every_package_with_an_address_has_a_setting() -> None:
    settings = make_settings()
    for rpc in load_rpcs():
        if rpc.bindings and not rpc.rules.HasField("fan_out"):
            context = rpc.package.split(".")[1]
            assert settings.address_of(rpc.package) == f"{context}:1"


def test_the_services_are_those_that_have_an_address() -> None:
    settings = make_settings()
    assert settings.services == ("auth", "cart", "catalog", "notify", "orders", "payments")
    assert all(settings.address_of(f"shop.{service}.v1") for service in settings.services)


def test_a_package_without_a_setting_is_one_line_at_start() -> None:
    channels = Channels(make_settings().address_of, CircuitBreakers())
    with pytest.raises(StartError, match=r"shop\.shipping\.v1"):
        channels.channel("shop.shipping.v1")
