"""Who calls: login, logout, whoami."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from shop.auth.v1 import auth_pb2

from shopctl.command import Session, command
from shopctl.failures import Exit, Failure
from shopctl.output import Result, name_of, record
from shopctl.profile import SignIn
from shopctl.session import expiry_of

USER_AGENT = "shopctl"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "login")(login)
    command(app, "logout")(logout)
    command(app, "whoami")(whoami)


def login(
    session: Session,
    email: Annotated[str | None, typer.Option(help="The account to sign in to.")] = None,
    token: Annotated[
        bool, typer.Option("--token", help="Use an access token, which is read as a password is.")
    ] = False,
    service: Annotated[
        str | None,
        typer.Option(help="Use the service credential of this name; its secret is asked for."),
    ] = None,
    shop: Annotated[
        Path | None,
        typer.Option(help="The data folder of a shop that `up` runs; alone: as its demo admin."),
    ] = None,
) -> Result:
    """Sign in, and keep it in the profile with the addresses that are given.

    The password, token or secret is asked for; where the input is no terminal it is its first line.
    """
    if sum(map(bool, (email, token, service))) > 1:
        raise Failure(Exit.USAGE, "give one of --email, --token and --service")
    if shop is not None:
        session.profile = replace(session.profile, shop=str(shop.resolve()), addresses={})
    if token:
        session.sign_in(SignIn("token", access_token=secret("Token")))
    elif service:
        credential = SignIn("service", client_id=service, client_secret=secret("Secret"))
        session.service_token(credential)()  # is refused where it is not right
        session.sign_in(credential)
    else:
        session.sign_in(with_password(session, email))
    return whoami(session)


def with_password(session: Session, email: str | None) -> SignIn:
    """Open a session of an account: of the demo's admin where none is named."""
    if email is None:
        demo = session.profile.ready().get("logins", {}).get("admin")
        if demo is None:
            raise Failure(Exit.USAGE, "give --email, --token, --service or --shop")
        email, password = demo["email"], demo["password"]
    else:
        password = secret("Password")
    request = auth_pb2.SignInRequest(email=email, password=password, user_agent=USER_AGENT)
    signed_in = session.issuer.SignIn(request)
    return SignIn("session", signed_in.access_token, signed_in.refresh_token)


def logout(session: Session) -> Result:
    """End the session at once, everywhere, and forget it here."""
    who = session.profile.sign_in
    if who is not None and who.kind == "session":
        session.issuer.SignOut(auth_pb2.SignOutRequest(refresh_token=who.refresh_token))
    session.sign_in(None)
    return Result({"signedIn": False}, "Signed out.")


def whoami(session: Session) -> Result:
    """Show who is signed in, and where the shop is."""
    user = session.current_user()
    who = session.profile.sign_in
    kind, client = (who.kind, who.client_id) if who else ("", "")
    found = {"profile": session.profile.name, "kind": kind, "shop": session.profile.shop}
    if user is None:
        return Result(found | {"clientId": client}, record({"service": client}))
    until = Timestamp(seconds=int(expiry_of(session.token())))
    shown = {
        "email": user.email,
        "role": name_of(user.role, auth_pb2.Role, "ROLE_"),
        "id": user.id,
        "token until": until,
        "shop": session.profile.shop or "",
        "profile": session.profile.name,
    }
    return Result(found | {"user": user, "tokenUntil": until}, record(shown))


def secret(what: str) -> str:
    """A secret that is typed without being seen, or comes as the first line of the input."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, err=True))
    given = sys.stdin.readline().rstrip("\n")
    if not given:
        raise Failure(Exit.USAGE, f"{what.lower()}: give it as the first line of the input")
    return given
