"""wrk, where it is on the PATH: it asks without taking a whole core for it, as Python would."""

import asyncio
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness.comparison import Sample

WRK = shutil.which("wrk")

# A request is sent as it is; its report at the end is one line of JSON.
SCRIPT = """
local requests = {%s}
local number = 0
function request()
  number = number %% #requests + 1
  return requests[number]
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('\\n{"requests":%%d,"us":%%d,"p50":%%d,"p99":%%d,"failed":%%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
"""


class WrkError(Exception):
    """wrk was not answered as it should be."""


async def load(url: str, script: Sequence[bytes], seconds: float, connections: int) -> Sample:
    """Ask what is in `script`, in turn, for so many seconds, at least for one.

    Raises:
        WrkError: An answer was a failure, or none came.
    """
    literals = ",".join('"' + "".join(f"\\{byte:03}" for byte in each) + '"' for each in script)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "requests.lua"
        file.write_text(SCRIPT % literals)
        process = await asyncio.create_subprocess_exec(
            *(str(WRK), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"),
            *("--timeout", "30s", "-s", str(file), url),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
    lines = [line for line in output.decode().splitlines() if line.startswith("{")]
    report = json.loads(lines[-1]) if lines else {"failed": -1}
    if report["failed"]:
        raise WrkError(output.decode())
    return Sample(
        {
            "requests/s": report["requests"] / report["us"] * 1e6,
            "p50 ms": report["p50"] / 1000,
            "p99 ms": report["p99"] / 1000,
        },
        report["requests"],
    )
