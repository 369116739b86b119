"""The errors of the API, in Stripe's shape.

ApiError
├── CardError           402  the card was refused, or its details are wrong
├── ParameterError      400  the request is malformed; nothing was started
├── StateError          400  the object is not in a state that allows this
├── MissingObjectError       404  no such object
├── KeyMismatchError         400  an idempotency key reused with other parameters
├── KeyInUseError            409  the first request with this idempotency key is still running
├── UnauthorizedError        401  no key, or the wrong kind of key
├── RateLimitError         429
└── ServerError         500 and up
"""

from typing import Any

from .shapes import JsonObject

DOCS = "https://stripe.com/docs/error-codes/"


class ApiError(Exception):
    """An error reply.

    Attributes:
        status: HTTP status code.
        began: whether the endpoint had started to execute. Only then is the reply kept under the
            idempotency key, as Stripe does it; a malformed request may be corrected and sent again.
    """

    status = 400
    kind = "invalid_request_error"
    began = False

    def __init__(self, message: str, *, code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.details = {name: value for name, value in details.items() if value is not None}

    def body(self) -> JsonObject:
        """The JSON body of the reply."""
        error: JsonObject = {"message": self.message, "type": self.kind}
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = DOCS + self.code.replace("_", "-")
        return {"error": error | self.details}


class CardError(ApiError):
    """The issuer or a check of the card's details said no."""

    status = 402
    kind = "card_error"
    began = True


class ParameterError(ApiError):
    """A parameter is missing, unknown or has an impossible value."""


class StateError(ApiError):
    """What is asked does not fit the object's present state."""

    began = True


class MissingObjectError(ApiError):
    """No object has this id."""

    status = 404

    def __init__(self, kind: str, object_id: str, param: str) -> None:
        super().__init__(f"No such {kind}: '{object_id}'", code="resource_missing", param=param)


class KeyMismatchError(ApiError):
    """The idempotency key belongs to a request with another path or other parameters."""

    kind = "idempotency_error"


class KeyInUseError(ApiError):
    """The first request with this idempotency key has not been answered yet."""

    status = 409
    kind = "idempotency_error"

    def __init__(self, key: str) -> None:
        super().__init__(
            "There is currently another in-progress request using this Stripe idempotency key "
            f"(that probably means you submitted twice, and the other request is still going "
            f"through): {key}. Please try again later.",
            code="idempotency_key_in_use",
        )


class UnauthorizedError(ApiError):
    """The API key is absent, unknown, or may not do this."""

    status = 401


class RateLimitError(ApiError):
    """Too many requests."""

    status = 429

    def __init__(self) -> None:
        super().__init__(
            "Request rate limit exceeded. Learn more about rate limits at "
            "https://stripe.com/docs/rate-limits.",
            code="rate_limit",
        )


class ServerError(ApiError):
    """Something went wrong on Stripe's side; whether the request took effect is not said."""

    status = 500
    kind = "api_error"
    began = True

    def __init__(self, status: int = 500) -> None:
        super().__init__(
            "Sorry! There was an error while talking to Stripe. Let us know at support@stripe.com."
        )
        self.status = status
