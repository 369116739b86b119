"""Profiles: where a shop is and who is signed in, kept in a file that only its owner can read."""

import json
import os
import stat
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from shopctl.failures import Exit, Failure

DEFAULT = "default"
SERVICES = ("svc_auth", "svc_cart", "svc_catalog", "svc_notify", "svc_orders", "svc_payments")
READY_FILE = "ready.json"


@dataclass(frozen=True)
class SignIn:
    """How calls show who makes them.

    Attributes:
        kind: `session` of an account, `token` as given, or `service` credential.
        access_token: Of a session or a token: what calls are made with.
        refresh_token: Of a session: what a new access token is had for.
        client_id: Of a service credential.
        client_secret: Of a service credential.
    """

    kind: str
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Profile:
    """A shop, and who is signed in to it.

    Attributes:
        name: Its name, that of its file.
        shop: The data folder of a shop that `up` runs; its `ready.json` says where all is.
        addresses: Of services, such as `svc_cart` at `127.0.0.1:50051`.
        sign_in: None where no one is signed in.
    """

    name: str
    shop: str | None = None
    addresses: dict[str, str] = field(default_factory=dict)
    sign_in: SignIn | None = None

    def save(self) -> None:
        """Write the file as a whole, readable by its owner only."""
        path = path_of(self.name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w") as out:
            json.dump({k: v for k, v in asdict(self).items() if k != "name"}, out, indent=2)
        partial.replace(path)

    def with_sign_in(self, sign_in: SignIn | None) -> "Profile":
        """This profile with someone else signed in, or no one."""
        return replace(self, sign_in=sign_in)

    def ready(self) -> dict[str, Any]:
        """What the shop's `ready.json` says; nothing where the profile is of no such shop.

        Raises:
            Failure: The shop is not up.
        """
        if self.shop is None:
            return {}
        try:
            found: dict[str, Any] = json.loads((Path(self.shop) / READY_FILE).read_text())
        except FileNotFoundError:
            raise Failure(
                Exit.UNREACHABLE,
                f"the shop of {self.shop} is not up: start it with `python3 noxfile.py -s up`",
            ) from None
        except (OSError, ValueError) as error:
            raise Failure(Exit.USAGE, f"{self.shop}/{READY_FILE} cannot be read: {error}") from None
        return found

    def replicas(self, service: str) -> dict[str, str]:
        """Where each process of `service` is called, by its name.

        Raises:
            Failure: Nothing says where, or the shop is not up.
        """
        if given := self.addresses.get(service):
            every = given.removeprefix("ipv4:").split(",")
            return {service: given} if len(every) == 1 else {f"{service} {a}": a for a in every}
        processes: dict[str, dict[str, str]] = self.ready().get("processes", {})
        found = {
            name: each["grpc"]
            for name, each in processes.items()
            if name.partition("-")[0] == service
        }
        if not found:
            raise Failure(
                Exit.USAGE,
                f"the address of {service} is not known: give --address "
                f"{short(service)}=HOST:PORT, or `shopctl login --shop DIR` "
                "with the data folder of a shop that is up",
            )
        return found

    def address(self, service: str) -> str:
        """Where `service` is called: at all of its replicas in turn.

        Raises:
            Failure: Nothing says where, or the shop is not up.
        """
        every = list(self.replicas(service).values())
        return every[0] if len(every) == 1 else f"ipv4:{','.join(every)}"


def short(service: str) -> str:
    """A service as people say it: `cart` for `svc_cart`."""
    return service.removeprefix("svc_")


def path_of(name: str) -> Path:
    """Where the profile of this name is kept."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "shopctl" / f"{name}.json"


def load(name: str, addresses: list[str]) -> Profile:
    """The profile of this name, an empty one where it has no file.

    Args:
        name: Its name.
        addresses: Such as `cart=127.0.0.1:50051`, which hold before those of the file.

    Raises:
        Failure: A name, an address or the file is not right.
    """
    if not name.replace("-", "").replace("_", "").isalnum():
        raise Failure(Exit.USAGE, "--profile must be of letters, digits, - and _")
    given = dict(_address(each) for each in addresses)
    kept = _read(path_of(name))
    try:
        sign_in = SignIn(**kept["sign_in"]) if kept.get("sign_in") else None
        return Profile(name, kept.get("shop"), kept.get("addresses", {}) | given, sign_in)
    except (TypeError, AttributeError):
        raise Failure(Exit.USAGE, f"{path_of(name)} is not a profile: delete it") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        mode = path.stat().st_mode
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            raise Failure(
                Exit.USAGE, f"{path} can be read by others, and may hold tokens: chmod 600 it"
            )
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Failure(Exit.USAGE, f"{path} cannot be read: {error}") from None
    if not isinstance(kept, dict):
        raise Failure(Exit.USAGE, f"{path} is not a profile: delete it")
    return kept


def _address(text: str) -> tuple[str, str]:
    name, _, address = text.partition("=")
    service = name if name.startswith("svc_") else f"svc_{name}"
    if service not in SERVICES or ":" not in address:
        raise Failure(
            Exit.USAGE,
            f"--address must be SERVICE=HOST:PORT with a service of "
            f"{', '.join(short(each) for each in SERVICES)}, not {text!r}",
        )
    return service, address
