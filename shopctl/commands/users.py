"""Accounts: who is blocked, and who is an admin."""

from enum import StrEnum
from typing import Annotated

import typer
from shop.auth.v1 import auth_pb2

from shopctl.command import Limit, Session, Yes, command, confirm
from shopctl.failures import Exit, Failure
from shopctl.output import Result, counted, name_of, record, table
from shopctl.pages import pages

app = typer.Typer(no_args_is_help=True, help="Accounts, blocks and roles.")

Account = Annotated[str, typer.Argument(metavar="USER", help="The account's email or id.")]


class RoleName(StrEnum):
    """What a user may do."""

    USER = "user"
    ADMIN = "admin"


@command(app, "list")
def list_users(
    session: Session,
    query: Annotated[str, typer.Argument(help="Part of an email or name.")] = "",
    role: Annotated[RoleName | None, typer.Option(help="Only this role.")] = None,
    blocked: Annotated[
        bool | None, typer.Option("--blocked/--not-blocked", help="Only these accounts.")
    ] = None,
    limit: Limit = 24,
) -> Result:
    """List accounts, newest first."""
    request = auth_pb2.ListUsersRequest(
        query=query,
        role=auth_pb2.Role.Value(f"ROLE_{role.name}") if role else auth_pb2.ROLE_UNSPECIFIED,
        blocked=blocked,
    )
    found = pages(session.auth.ListUsers, request, "users", limit)
    rows = [
        (each.id, each.email, each.name, role_of(each), each.is_blocked, each.created_at)
        for each in found.users
    ]
    columns = ("ID", "EMAIL", "NAME", "ROLE", "BLOCKED", "SINCE")
    return Result(found, table(columns, rows, counted(len(rows), found.total_size, "users")))


@command(app, "show")
def show_user(
    session: Session,
    email: Annotated[str, typer.Argument(help="The account's email.")],
) -> Result:
    """Show an account."""
    return shown(user_of(session, email))


@command(app, "block")
def block_user(session: Session, user: Account, yes: Yes = False) -> Result:
    """Block an account, and sign it out everywhere at once."""
    confirm(f"Block {user}, and sign it out everywhere?", yes=yes)
    request = auth_pb2.BlockUserRequest(user_id=user_id_of(session, user))
    return shown(session.auth.BlockUser(request).user)


@command(app, "unblock")
def unblock_user(session: Session, user: Account) -> Result:
    """Let a blocked account sign in again."""
    request = auth_pb2.UnblockUserRequest(user_id=user_id_of(session, user))
    return shown(session.auth.UnblockUser(request).user)


@command(app, "role")
def set_role(
    session: Session,
    user: Account,
    role: Annotated[RoleName, typer.Argument(help="The new role.")],
    yes: Yes = False,
) -> Result:
    """Change the role of an account, which is signed out everywhere."""
    confirm(f"Make {user} {role}, and sign it out everywhere?", yes=yes)
    request = auth_pb2.SetUserRoleRequest(
        user_id=user_id_of(session, user), role=auth_pb2.Role.Value(f"ROLE_{role.name}")
    )
    return shown(session.auth.SetUserRole(request).user)


def shown(user: auth_pb2.User) -> Result:
    """An account."""
    entries = {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "phone": user.phone,
        "address": user.address,
        "role": role_of(user),
        "blocked": user.is_blocked,
        "since": user.created_at,
        "rights changed": user.rights_changed_at,
        "by": user.rights_changed_by,
    }
    return Result({"user": user}, record(entries))


def user_id_of(session: Session, user: str) -> str:
    """The id of the account of an email; what is no email is an id."""
    return user_of(session, user).id if "@" in user else user


def user_of(session: Session, email: str) -> auth_pb2.User:
    """The account of an email.

    Raises:
        Failure: There is none.
    """
    wanted = email.lower()
    request = auth_pb2.ListUsersRequest(query=wanted)
    # Emails that have this one in them are few, if there are any.
    for user in pages(session.auth.ListUsers, request, "users", 1000).users:
        if user.email == wanted:
            return user
    raise Failure(Exit.REFUSED, f"USER: there is no account of {email}")


def role_of(user: auth_pb2.User) -> str:
    """What a user may do, in a word."""
    return name_of(user.role, auth_pb2.Role, "ROLE_")
