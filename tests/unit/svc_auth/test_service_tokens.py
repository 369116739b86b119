import pytest

from svc_auth.model.refusals import InvalidCredentials
from tests.unit.svc_auth.world import World


def test_a_process_is_given_its_token(world: World) -> None:
    token, expires_at = world.do.issue_service_token("svc_cart", "cart's secret")
    assert token == "token of svc_cart"
    assert expires_at > world.clock.now


@pytest.mark.parametrize(
    ("client_id", "secret"),
    [
        ("svc_cart", "wrong"),
        ("svc_cart", ""),
        ("svc_cart", "cart's secret "),
        ("stranger", "cart's secret"),
        ("stranger", ""),
        ("svc_blank", ""),
    ],
)
def test_wrong_credentials_are_refused(world: World, client_id: str, secret: str) -> None:
    with pytest.raises(InvalidCredentials):
        world.do.issue_service_token(client_id, secret)
