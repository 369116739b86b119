import pytest

from chassis.settings.environment import SettingsError, load
from ui.settings import Settings


def test_what_must_be_set() -> None:
    given = {"API_URL": "http://gateway:8000", "PORT": "8000", "OPS_PORT": "8080"}
    settings = load(Settings, given)
    assert (settings.api_url, settings.port, settings.ops_port, settings.host) == (
        "http://gateway:8000",
        8000,
        8080,
        "127.0.0.1",
    )


def test_what_is_missing_is_named() -> None:
    with pytest.raises(SettingsError, match=r"API_URL is not set.*\n?.*PORT is not set"):
        load(Settings, {})
