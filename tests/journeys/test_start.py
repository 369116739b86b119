"""A first start, on an empty folder: the shop opens, sells one of its demo goods, and stops."""

import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.people import Shop, Shopper, ok
from tests.support.running import STOP_SECONDS, free_port, wait_for_ready

ALARMING = re.compile(r"warning|error|exception|refused|traceback", re.IGNORECASE)


def test_the_shop_starts_sells_and_stops(tmp_path: Path) -> None:
    data, output = tmp_path / "data", tmp_path / "output.txt"
    command = (sys.executable, "-m", "devstack", "up", "--port", str(free_port()))
    with output.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--data", str(data)], stdout=log, stderr=subprocess.STDOUT
        )
        try:
            buy_something(Shop(wait_for_ready(process, data, output), data))
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(STOP_SECONDS)

    assert code == 0
    assert not (data / "ready.json").exists()
    said = output.read_text()
    assert said.endswith("Stopped.\n")
    # Nothing that a newcomer would take for a fault, and no long silence.
    assert [line for line in said.splitlines() if ALARMING.search(line)] == []
    counts = [int(count) for count in re.findall(r"(\d+) of 72 products", said)]
    assert counts[-1] == 72
    assert len(counts) >= 6


def buy_something(shop: Shop) -> None:
    """Buy one of the demo goods, from the list of products to the completed order."""
    with shop.visitor() as client:
        shopper = Shopper(client)
        products = ok(client.get("/api/products"))["products"]
        goods = next(product for product in products if product["available"])
        shopper.put_in_cart(goods["id"])
        shopper.sign_up()
        order = shopper.check_out()
        ok(shopper.pay(order), 201)
        shopper.order_when(order["id"], "completed")
