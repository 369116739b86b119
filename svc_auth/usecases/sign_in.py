"""Opening accounts and sessions.

Passwords are guessed from many addresses at once, and that must not keep the owner of the account
out. So an account takes some wrong passwords in a time from devices that were never signed in to
it, all together, and each device that was has as many of its own.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from chassis.clock import Clock
from chassis.errors import Unavailable
from chassis.ids import NewId
from svc_auth.model.emails import new_email, spellings
from svc_auth.model.passwords import new_password, normal_password
from svc_auth.model.phones import normal_phone
from svc_auth.model.refusals import EmailTaken, InvalidCredentials, UserBlocked
from svc_auth.model.session import Session, token_hash
from svc_auth.model.user import Role, User, device_name, normal_address, normal_name
from svc_auth.usecases.check_password import CheckPassword
from svc_auth.usecases.ports import (
    Device,
    Passwords,
    Sessions,
    Tokens,
    Users,
)


@dataclass(frozen=True)
class SignedIn:
    """A user, and what their device is given.

    Attributes:
        user: The account.
        access_token: Good for minutes.
        refresh_token: Good for days, once.
        device_token: By which the device is known when it signs in again; None for a refresh.
    """

    user: User
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    device_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class OpenSession:
    """Opens a session for someone who has proven who they are."""

    users: Users
    sessions: Sessions
    tokens: Tokens
    clock: Clock
    new_id: NewId
    new_secret: NewId
    lifetime: timedelta

    async def __call__(self, user: User, user_agent: str, device: Device | None = None) -> SignedIn:
        """Open it on a known device or a new one.

        Raises:
            Unavailable: The account is changed at this very moment.
        """
        now = self.clock()
        session = Session(
            id=self.new_id(),
            user_id=user.id,
            epoch=user.epoch,
            user_agent=device_name(user_agent),
            created_at=now,
            last_used_at=now,
            expires_at=now + self.lifetime,
            chain_key=token_hash(self.new_secret()),
            current=b"",
        )
        refresh_token = session.first_token(self.new_secret())
        session = replace(session, current=token_hash(refresh_token))
        await self.sessions.add(session)
        # What changes the account looks for sessions to end after its write. So either it sees
        # this session, or its change is seen here.
        present = await self.users.get(user.id)
        if present is None or not present.admits(session):
            await self.sessions.end([session.id], now)
            raise Unavailable("The account has just been changed. Please try again.")
        access_token = self.tokens.for_user(present, session.id, now)
        device = device or Device(session.id, user.id)
        return SignedIn(present, access_token, refresh_token, self.tokens.for_device(device, now))


@dataclass(frozen=True)
class SignUp:
    """Opens an account and signs it in.

    Attributes:
        shop_name: Is no password.
        international_emails: Whether what stands before the @ may hold others than ASCII letters.
    """

    users: Users
    passwords: Passwords
    open_session: OpenSession
    clock: Clock
    new_id: NewId
    shop_name: str
    international_emails: bool

    async def __call__(
        self, *, email: str, password: str, name: str, phone: str, address: str, user_agent: str
    ) -> SignedIn:
        """Open it.

        Raises:
            EmailTaken: The email has one.
            InvalidField: Email, password or phone are not taken.
        """
        user = await self.open_account(
            email=email, password=password, name=name, phone=phone, address=address
        )
        return await self.open_session(user, user_agent)

    async def open_account(
        self,
        *,
        email: str,
        password: str,
        name: str = "",
        phone: str = "",
        address: str = "",
        role: Role = Role.USER,
    ) -> User:
        """Open an account without signing it in; raises as signing up does."""
        normal = new_email(email, international=self.international_emails)
        if await find_user(self.users, email) is not None:
            raise EmailTaken
        password = new_password(password, field="password", email=normal, shop_name=self.shop_name)
        user = User(
            id=self.new_id(),
            email=normal,
            name=normal_name(name),
            phone=normal_phone(phone),
            address=normal_address(address),
            password_hash=await self.passwords.hash(password),
            role=role,
            created_at=self.clock(),
        )
        await self.users.add(user)
        return user


@dataclass(frozen=True)
class SignIn:
    """Opens a session by email and password."""

    users: Users
    passwords: Passwords
    check_password: CheckPassword
    open_session: OpenSession

    async def __call__(
        self, *, email: str, password: str, user_agent: str, device_token: str = ""
    ) -> SignedIn:
        """Open it.

        Raises:
            InvalidCredentials: Unknown email or wrong password, after the same time.
            UserBlocked: The password is right.
            RateLimited: Too many passwords were tried that were not right.
        """
        password = normal_password(password)
        user = await find_user(self.users, email)
        device = self.open_session.tokens.device(device_token)
        if user is None or device is None or device.user_id != user.id:
            device = None
        who = f"device {device.id}" if device else f"account {user.id if user else email.lower()}"
        is_right = await self.check_password(who, password, user.password_hash if user else None)
        if user is None or not is_right:
            raise InvalidCredentials
        if user.is_blocked:
            raise UserBlocked
        if self.passwords.is_outdated(user.password_hash):
            new_hash = await self.passwords.hash(password)
            await self.users.rehash(user.id, user.password_hash, new_hash)
        return await self.open_session(user, user_agent, device)


async def find_user(users: Users, email: str) -> User | None:
    """The account of an email, however it is spelt."""
    for spelling in spellings(email):
        if (user := await users.find(spelling)) is not None:
            return user
    return None


@dataclass(frozen=True)
class EnsureAdmin:
    """Makes the first admin, so that there is someone to make others."""

    sign_up: SignUp

    async def __call__(self, *, email: str, password: str) -> bool:
        """Make the account; False where the email has one, which stays as it is.

        Raises:
            InvalidField: Email or password are not taken.
        """
        try:
            await self.sign_up.open_account(email=email, password=password, role=Role.ADMIN)
        except EmailTaken:
            return False
        return True
