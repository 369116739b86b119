"""AWS Signature Version 4 for the one S3 request that shows a server is well: list the buckets."""

import hashlib
import hmac
from datetime import datetime

NOTHING = hashlib.sha256(b"").hexdigest()
REGION = "us-east-1"
SIGNED_HEADERS = "host;x-amz-content-sha256;x-amz-date"


def list_buckets_headers(
    host: str, access_key: str, secret_key: str, now: datetime
) -> dict[str, str]:
    """The headers of a signed `GET /`.

    Args:
        host: the Host header, `name:port`.
        access_key: the account.
        secret_key: its secret.
        now: the time in UTC; servers take a signature for some minutes.
    """
    moment, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    headers = {"host": host, "x-amz-content-sha256": NOTHING, "x-amz-date": moment}
    lines = [f"{name}:{value}" for name, value in headers.items()]
    request = "\n".join(["GET", "/", "", *lines, "", SIGNED_HEADERS, NOTHING])
    scope = f"{day}/{REGION}/s3/aws4_request"
    to_sign = "\n".join(
        ["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()]
    )
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, to_sign.encode(), "sha256").hexdigest()
    credential = f"Credential={access_key}/{scope}"
    authorization = (
        f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={SIGNED_HEADERS}, Signature={signature}"
    )
    return {**headers, "authorization": authorization}
