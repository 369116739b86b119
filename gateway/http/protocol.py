"""HTTP/1.1 as the gateway speaks it: what it cannot read it refuses as it refuses all else."""

from chassis.http.protocol import LimitedHttp
from chassis.ids import new_id
from gateway.http.problems import Headers, Problem


class GatewayHttp(LimitedHttp):
    """A connection with limits, which answers what is no HTTP with a problem document."""

    def refusal(self, sentence: str) -> tuple[Headers, bytes]:
        """Headers and body of the problem document; it has an id to ask about it."""
        _, headers, body = Problem("VALIDATION_FAILED", sentence).response("", new_id())
        return headers, body
