"""Starts the auth service: `python -m svc_auth`."""

from datetime import timedelta

import structlog
from shop.auth.v1 import auth_pb2_grpc

from chassis.clock import utcnow
from chassis.errors import InvalidField
from chassis.ids import new_id, new_secret
from chassis.process import StartError
from chassis.resilience.rate_limits import RateLimits, RedisCounters
from chassis.service import Service, run
from svc_auth.peers.keys import load_key_ring
from svc_auth.peers.password_guesses import CountedGuesses
from svc_auth.peers.passwords import Argon2Passwords, Cost
from svc_auth.peers.revocations import RedisRevocations
from svc_auth.peers.tokens import SignedTokens
from svc_auth.rpc import AuthRpc, UseCases
from svc_auth.settings import Settings
from svc_auth.store import INDEXES, MongoSessions, MongoUsers
from svc_auth.usecases import administer_users
from svc_auth.usecases.accounts import ChangePassword, GetCurrentUser, UpdateProfile
from svc_auth.usecases.check_password import CheckPassword
from svc_auth.usecases.end_sessions import MARGIN, EndSessions
from svc_auth.usecases.service_tokens import IssueServiceToken
from svc_auth.usecases.sessions import ListSessions, Refresh, RevokeSession, SignOut
from svc_auth.usecases.sign_in import EnsureAdmin, OpenSession, SignIn, SignUp

log = structlog.get_logger(__name__)


async def wire(service: Service[Settings]) -> None:
    """Put the parts together."""
    settings = service.settings
    ring = load_key_ring(settings.signing_key_file, settings.other_key_files)
    service.use_keys(ring.jwks)
    database = await service.database(INDEXES)
    users, sessions = MongoUsers(database), MongoSessions(database)
    tokens = SignedTokens(ring, settings.access_token_lifetime, new_id)
    repeated_for = settings.access_token_lifetime + MARGIN
    revocations = RedisRevocations(service.redis(), repeated_for)
    cost = Cost(settings.argon2_memory_kib, settings.argon2_iterations)
    guesses = CountedGuesses(settings.password_guesses, RateLimits(RedisCounters(service.redis())))
    passwords = Argon2Passwords(cost, settings.argon2_at_once)
    service.on_stop(passwords.aclose)
    check = CheckPassword(passwords, guesses)
    lifetime, grace = settings.session_lifetime, settings.refresh_grace
    end = EndSessions(users, sessions, revocations, utcnow, repeated_for)
    open_session = OpenSession(users, sessions, tokens, utcnow, new_id, new_secret, lifetime)
    sign_up = SignUp(users, passwords, open_session, utcnow, new_id, *settings.sign_up_rules)
    await _ensure_admin(settings, EnsureAdmin(sign_up))
    change_rights = administer_users.ChangeRights(users, end, utcnow, new_id)
    do = UseCases(
        sign_up=sign_up,
        sign_in=SignIn(users, passwords, check, open_session),
        sign_out=SignOut(sessions, end),
        refresh=Refresh(users, sessions, tokens, end, utcnow, lifetime, grace),
        get_current_user=GetCurrentUser(users),
        update_profile=UpdateProfile(users),
        change_password=ChangePassword(users, passwords, check, end, utcnow, settings.shop_name),
        list_sessions=ListSessions(sessions, utcnow),
        revoke_session=RevokeSession(sessions, end),
        list_users=administer_users.ListUsers(users),
        block_user=administer_users.BlockUser(change_rights),
        unblock_user=administer_users.UnblockUser(change_rights),
        set_user_role=administer_users.SetUserRole(change_rights),
        issue_service_token=IssueServiceToken(settings.service_clients, tokens, utcnow),
    )
    rpc = AuthRpc(do, ring.verification_keys)
    service.serve(auth_pb2_grpc.add_AuthServiceServicer_to_server, rpc)
    await end.repeat()  # once before serving, so that a new Redis has everything by then
    service.every(timedelta(seconds=2), "ended sessions", end.repeat)


async def _ensure_admin(settings: Settings, ensure_admin: EnsureAdmin) -> None:
    email, password = settings.bootstrap_admin_email, settings.bootstrap_admin_password
    if (email is None) != (password is None):
        raise StartError("set BOOTSTRAP_ADMIN_EMAIL and BOOTSTRAP_ADMIN_PASSWORD, or neither")
    try:
        if email and password and await ensure_admin(email=email, password=password):
            log.info("first admin made")
    except InvalidField as error:
        raise StartError(f"BOOTSTRAP_ADMIN_{error.field.upper()} {error}") from error


if __name__ == "__main__":
    run("svc_auth", Settings, wire)
