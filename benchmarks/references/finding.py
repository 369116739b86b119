"""One find in MongoDB, by raw pymongo behind bare gRPC, and an answer that is always the same.

python -m benchmarks.references.finding PORT MONGO_URL COLLECTION QUERY RPC ANSWER

QUERY has the arguments of pymongo's `find`, and ANSWER is the message, both in JSON. What is found
is read to its end. No message is made from it, so that this is less than any service could do.
"""

import json
import sys
from typing import Any

import uvloop
from pymongo import AsyncMongoClient

from benchmarks.references.constant import handler
from benchmarks.references.serving import serve_rpcs
from chassis.mongo.client import Document, client_options


async def _serve(port: str, url: str, collection: str, query: str, rpc: str, content: str) -> None:
    client = AsyncMongoClient[Document](url, **client_options(url))
    documents = client.get_default_database()[collection]
    wanted, answer = json.loads(query), handler(rpc, content)
    if not await documents.find(**wanted).to_list():
        raise SystemExit(f"{collection} has nothing that matches {query}")

    async def find(request: Any, context: Any) -> Any:
        await documents.find(**wanted).to_list()
        return await answer(request, context)

    await serve_rpcs(int(port), {rpc: find})


if __name__ == "__main__":
    uvloop.run(_serve(*sys.argv[1:]))
