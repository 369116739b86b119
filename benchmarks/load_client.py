"""Is the load generator the limit? How much faster is the least that answers than bare Starlette?

Where it is several times as fast, what the generator itself can do hides nothing.
"""

from collections.abc import Sequence

from benchmarks.harness import Bench, Comparison, at_least, loaded, request
from benchmarks.references import plain_text


async def compare(bench: Bench) -> Sequence[Comparison]:
    """Constant bytes over a bare protocol, and the same text from Starlette."""
    text = bench.folder / "plain.txt"
    text.write_bytes(plain_text.BODY)
    plain = await bench.reference("plain_text")
    starlette = await bench.reference("same_bytes", text, "text/plain")
    return [
        Comparison(
            loaded("constant bytes", [[request(plain.url)]], plain),
            loaded("Starlette with the same text", [[request(starlette.url)]], starlette),
            {"requests/s": at_least(2)},
        )
    ]
