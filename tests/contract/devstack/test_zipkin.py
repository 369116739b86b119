"""Spans arrive in Zipkin, each below its parent."""

import json
from pathlib import Path
from urllib.request import urlopen

from chassis.settings.environment import TraceSettings
from chassis.telemetry import traces
from chassis.telemetry.open_telemetry import exporter_of, traced_to
from devstack.servers import running_in_thread


def test_a_trace_is_shown(tmp_path: Path) -> None:
    with running_in_thread(tmp_path / "data", {"zipkin"}) as servers:
        settings = TraceSettings(
            otel_exporter_zipkin_endpoint=f"{servers.zipkin}/api/v2/spans",
            otel_traces_sampler_arg=1.0,
        )
        traces.use(traced_to(exporter_of(settings), 1.0, "svc_cart"))
        try:
            with traces.span("GET /api/cart", "server"), traces.span("inner"):
                ids = traces.current_ids()
        finally:
            # Exports what there is.
            traces.stop()
        assert ids is not None
        with urlopen(f"{servers.zipkin}/api/v2/trace/{ids.trace_id}") as answer:
            shown = {each["name"]: each for each in json.load(answer)}
        with urlopen(f"{servers.zipkin}/zipkin/") as page:
            assert page.status == 200
    inner, outer = shown["inner"], shown["get /api/cart"]
    assert inner["id"] == ids.span_id
    assert inner["parentId"] == outer["id"]
    assert outer["localEndpoint"]["serviceName"] == "svc_cart"
    assert outer["kind"] == "SERVER"
