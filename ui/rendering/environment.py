"""Templates, and what they can call on."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from ui.rendering import texts
from ui.rendering.assets import Assets
from ui.rendering.devices import device
from ui.rendering.formats import long_time, money, short_date, typed_money
from ui.rendering.product_cards import ProductCards


def environment(assets: Assets) -> Environment:
    """The templates: escaped, strict, compiled once."""
    templates = Environment(
        loader=PackageLoader("ui"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals.update(asset=assets.url, shop_name=texts.SHOP_NAME, query=query)
    templates.filters.update(
        check_state=texts.check_state,
        decline=texts.decline,
        device=device,
        happening=texts.happening,
        long_time=long_time,
        money=money,
        order_state=texts.order_state,
        order_title=texts.order_title,
        payment_state=texts.payment_state,
        refund_state=texts.refund_state,
        short_date=short_date,
        srcset=srcset,
        stuck_reason=texts.stuck_reason,
        typed_money=typed_money,
        unreachable=texts.unreachable,
    )
    templates.globals["product_card"] = ProductCards(templates)
    return templates


def srcset(images: list[Mapping[str, Any]]) -> str:
    """The widths of a picture, for a browser to choose from."""
    return ", ".join(f"{image['url']} {image['width']}w" for image in images)


def query(values: Mapping[str, str], **changes: str) -> str:
    """A query string of the values that are not empty, some of them changed."""
    kept = {name: value for name, value in {**values, **changes}.items() if value}
    return f"?{urlencode(kept)}" if kept else "?"
