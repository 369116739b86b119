"""The address of the client that all of it is done for, as the gateway knows it."""

from contextvars import ContextVar

METADATA = "x-forwarded-for"

# Passed on from service to service; empty where no client is behind it.
client_address: ContextVar[str] = ContextVar("client_address", default="")
