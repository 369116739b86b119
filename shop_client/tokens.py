"""Tokens of programs, which call the shop as themselves rather than for a person."""

import threading
import time

import grpc
from shop.auth.v1 import auth_pb2, auth_pb2_grpc

# A token is replaced this long before it expires.
_MARGIN_SECONDS = 30.0


class ServiceToken:
    """The token of a service credential, kept until shortly before it expires; for any thread.

    Args:
        channel: To svc_auth.
        client_id: The name of the credential, one of those in svc_auth's `SERVICE_CLIENTS`.
        client_secret: Its secret.
    """

    def __init__(self, channel: grpc.Channel, client_id: str, client_secret: str) -> None:
        self._auth = auth_pb2_grpc.AuthServiceStub(channel)
        self._request = auth_pb2.IssueServiceTokenRequest(
            client_id=client_id, client_secret=client_secret
        )
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = 0.0

    def __call__(self) -> str:
        """The token; raises RpcError where svc_auth does not give one."""
        with self._lock:
            if time.time() > self._good_until:
                issued = self._auth.IssueServiceToken(self._request)
                self._token = issued.access_token
                self._good_until = issued.expires_at.seconds - _MARGIN_SECONDS
            return self._token
