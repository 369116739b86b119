"""All use cases of svc_auth, wired to fakes."""

from dataclasses import dataclass, field
from datetime import timedelta

from svc_auth.model.user import Role, User
from svc_auth.rpc import UseCases
from svc_auth.usecases.accounts import ChangePassword, GetCurrentUser, UpdateProfile
from svc_auth.usecases.administer_users import (
    BlockUser,
    ChangeRights,
    ListUsers,
    SetUserRole,
    UnblockUser,
)
from svc_auth.usecases.check_password import CheckPassword
from svc_auth.usecases.end_sessions import EndSessions
from svc_auth.usecases.service_tokens import IssueServiceToken
from svc_auth.usecases.sessions import ListSessions, Refresh, RevokeSession, SignOut
from svc_auth.usecases.sign_in import EnsureAdmin, OpenSession, SignedIn, SignIn, SignUp
from tests.support.clock import FakeClock
from tests.unit.svc_auth.fakes import (
    FakeGuesses,
    FakePasswords,
    FakeRevocations,
    FakeSessions,
    FakeTokens,
    FakeUsers,
    Names,
)

LIFETIME = timedelta(days=7)
GRACE = timedelta(seconds=10)
REPEATED_FOR = timedelta(minutes=16)
PASSWORD = "correct horse"
SHOP_NAME = "The Shop"


@dataclass
class World:
    clock: FakeClock = field(default_factory=FakeClock)
    users: FakeUsers = field(default_factory=FakeUsers)
    sessions: FakeSessions = field(default_factory=FakeSessions)
    passwords: FakePasswords = field(default_factory=FakePasswords)
    tokens: FakeTokens = field(default_factory=FakeTokens)
    guesses: FakeGuesses = field(default_factory=FakeGuesses)
    revocations: FakeRevocations = field(default_factory=FakeRevocations)

    def __post_init__(self) -> None:
        self.end = EndSessions(
            self.users, self.sessions, self.revocations, self.clock, REPEATED_FOR
        )
        self.open_session = OpenSession(
            self.users,
            self.sessions,
            self.tokens,
            self.clock,
            Names("session"),
            Names("secret"),
            LIFETIME,
        )
        check_password = CheckPassword(self.passwords, self.guesses)
        sign_up = SignUp(
            self.users,
            self.passwords,
            self.open_session,
            self.clock,
            Names("user"),
            SHOP_NAME,
            international_emails=False,
        )
        self.ensure_admin = EnsureAdmin(sign_up)
        change_rights = ChangeRights(self.users, self.end, self.clock, Names("hold"))
        self.do = UseCases(
            sign_up=sign_up,
            sign_in=SignIn(self.users, self.passwords, check_password, self.open_session),
            sign_out=SignOut(self.sessions, self.end),
            refresh=Refresh(
                self.users, self.sessions, self.tokens, self.end, self.clock, LIFETIME, GRACE
            ),
            get_current_user=GetCurrentUser(self.users),
            update_profile=UpdateProfile(self.users),
            change_password=ChangePassword(
                self.users, self.passwords, check_password, self.end, self.clock, SHOP_NAME
            ),
            list_sessions=ListSessions(self.sessions, self.clock),
            revoke_session=RevokeSession(self.sessions, self.end),
            list_users=ListUsers(self.users),
            block_user=BlockUser(change_rights),
            unblock_user=UnblockUser(change_rights),
            set_user_role=SetUserRole(change_rights),
            issue_service_token=IssueServiceToken(
                {"svc_cart": "cart's secret", "svc_blank": ""}, self.tokens, self.clock
            ),
        )

    def admin(self) -> str:
        """Id of an admin, who is there from the first time that one is asked for."""
        admin = User(
            id="admin",
            email="admin@example.com",
            password_hash="",
            role=Role.ADMIN,
            created_at=self.clock.now,
        )
        self.users.kept.setdefault(admin.id, admin)
        return admin.id

    async def sign_up(self, email: str = "ann@example.com", name: str = "Ann Lee") -> SignedIn:
        """A new account of that email, with its first session on a laptop."""
        return await self.do.sign_up(
            email=email, password=PASSWORD, name=name, phone="", address="", user_agent="laptop"
        )

    async def sign_in(self, email: str = "ann@example.com", user_agent: str = "phone") -> SignedIn:
        """Another session."""
        return await self.do.sign_in(email=email, password=PASSWORD, user_agent=user_agent)

    @property
    def newest_session(self) -> str:
        """Id of the last session that was opened."""
        return max(self.sessions.kept)
