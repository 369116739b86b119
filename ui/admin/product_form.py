"""A product as a form, and as the request that the form becomes."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from starlette.datastructures import FormData, UploadFile

from ui.api.problems import Json
from ui.http.multipart import LOST_FILE
from ui.rendering.formats import amount_hint, minor_units, typed_money

DETAILS = ("title", "description", "category", "keywords", "price", "currency")

NEW: Mapping[str, str] = {**dict.fromkeys(DETAILS, ""), "quantity": "0"}

# The name of a hidden field is this and the name of a detail: what the form was made with.
LOADED = "loaded-"

_MAX_PICTURE_MIB = 8
_CHANGE = re.compile(r"[+-]?[0-9]{1,7}")
_HIDDEN = ("detailsVersion", "key")

# The API's names of what the form calls otherwise.
REFUSED_NAMES: Mapping[str, str] = {
    "price.amountMinor": "price",
    "price.currency": "currency",
    "imageKey": "image",
}


@dataclass(frozen=True)
class ProductForm:
    """What was typed.

    Attributes:
        values: What stands in the fields.
        loaded: `DETAILS` when the form was made; empty for a new product.
        image: The picture that was chosen; None to keep what is there.
        has_lost_image: One was chosen that did not come along.
    """

    values: Mapping[str, str]
    loaded: Mapping[str, str] = field(default_factory=dict)
    image: UploadFile | None = None
    has_lost_image: bool = False

    @staticmethod
    def read(form: FormData) -> "ProductForm":
        """The form as it was sent."""
        names = (*DETAILS, "quantity", "quantityChange", *_HIDDEN)
        values = {name: _text(form, name) for name in names}
        loaded = {name: _text(form, LOADED + name) for name in DETAILS if LOADED + name in form}
        image = form.get("image")
        is_chosen = isinstance(image, UploadFile) and bool(image.filename)
        return ProductForm(
            values,
            loaded,
            image if is_chosen else None,  # type: ignore[arg-type]  # then it is one
            has_lost_image=LOST_FILE in form,
        )

    @staticmethod
    def of(product: Json, key: str) -> "ProductForm":
        """A product that there is.

        Args:
            product: The product.
            key: Tells this form from all others.
        """
        details = {
            "title": product["title"],
            "description": product["description"],
            "category": product["category"],
            "keywords": product["keywords"],
            "price": typed_money(product["price"]),
            "currency": product["price"]["currency"],
        }
        version = str(product["detailsVersion"])
        return ProductForm({**details, "detailsVersion": version, "key": key}, details)

    @property
    def touched(self) -> set[str]:
        """The details that were changed in the form."""
        return {name for name in DETAILS if self.values[name] != self.loaded.get(name, "")}

    def rebased(self, product: Json) -> "ProductForm":
        """This form as if it had been made of the product as it is now: what was typed stays."""
        now = ProductForm.of(product, self.values["key"])
        mine = {name: self.values[name] for name in self.touched}
        kept = {"quantityChange": self.values["quantityChange"]}
        return replace(now, values={**now.values, **kept, **mine}, image=self.image)

    def errors(self) -> dict[str, str]:
        """What cannot even be sent: numbers that are none, a picture that is too large."""
        errors = {}
        try:
            self._price()
        except ValueError:
            errors["price"] = amount_hint(self.values["currency"])
        if self.loaded:
            change = self.values["quantityChange"]
            if change and not _CHANGE.fullmatch(change):
                errors["quantityChange"] = "must be a whole number such as 5 or -2"
        elif not (self.values["quantity"].isascii() and self.values["quantity"].isdigit()):
            errors["quantity"] = "must be a whole number"
        if self.image and (self.image.size or 0) > _MAX_PICTURE_MIB * 1024 * 1024:
            errors["image"] = f"must be at most {_MAX_PICTURE_MIB} MiB"
        return errors

    def creation(self) -> dict[str, Any]:
        """The arguments for httpx of the request that adds the product."""
        fields = {name: self.values[name] for name in DETAILS if name not in {"price", "currency"}}
        return self._content({**fields, "quantity": int(self.values["quantity"])}, has_price=True)

    def edit(self) -> dict[str, Any]:
        """The arguments for httpx of the request that changes what was touched; empty for none."""
        touched = self.touched
        fields: Json = {name: self.values[name] for name in touched - {"price", "currency"}}
        if change := int(self.values["quantityChange"] or 0):
            fields["quantityChange"] = change
        has_price = bool(touched & {"price", "currency"})
        if not (fields or has_price or self.image):
            return {}
        if self.values["detailsVersion"].isdigit():
            fields["detailsVersion"] = int(self.values["detailsVersion"])
        # The same form again with the same content, as after a reload, is the same edit.
        content = orjson.dumps([fields, self._price()], option=orjson.OPT_SORT_KEYS)
        key = f"{self.values['key'][:40]}-{hashlib.sha256(content).hexdigest()[:32]}"
        return {"headers": {"Idempotency-Key": key}, **self._content(fields, has_price=has_price)}

    def _content(self, fields: Json, *, has_price: bool) -> dict[str, Any]:
        """The body as httpx takes it: JSON, or a form where there is a picture to send."""
        price = {"amountMinor": self._price(), "currency": self.values["currency"]}
        if self.image is None:
            return {"json": {**fields, **({"price": price} if has_price else {})}}
        if has_price:
            fields = fields | {f"price.{name}": value for name, value in price.items()}
        media_type = self.image.content_type or "application/octet-stream"
        return {
            "data": {name: str(value) for name, value in fields.items()},
            "files": {"image": (self.image.filename, self.image.file, media_type)},
        }

    def _price(self) -> int:
        return minor_units(self.values["price"], self.values["currency"])


def _text(form: FormData, name: str) -> str:
    """What was typed, with the line breaks that the API gives."""
    return str(form.get(name, "")).strip().replace("\r\n", "\n")
