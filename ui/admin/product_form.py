"""A product as a form, and as the request that the form becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, UploadFile

from ui.formats import minor_units, typed_money
from ui.problems import Json

EMPTY: Mapping[str, str] = {
    "title": "",
    "description": "",
    "category": "",
    "price": "",
    "currency": "USD",
    "quantity": "0",
    "version": "",
}

_MAX_PICTURE_MIB = 8

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
        values: The fields of `EMPTY`.
        image: The picture that was chosen; None to keep what is there.
    """

    values: Mapping[str, str]
    image: UploadFile | None = None

    @staticmethod
    def read(form: FormData) -> "ProductForm":
        """The form as it was sent."""
        values = {name: str(form.get(name, "")).strip() for name in EMPTY}
        values["description"] = values["description"].replace("\r\n", "\n")
        image = form.get("image")
        is_chosen = isinstance(image, UploadFile) and bool(image.filename)
        return ProductForm(values, image if is_chosen else None)  # type: ignore[arg-type]

    @staticmethod
    def of(product: Json) -> "ProductForm":
        """A product that there is."""
        return ProductForm(
            {
                "title": product["title"],
                "description": product["description"],
                "category": product["category"],
                "price": typed_money(product["price"]),
                "currency": product["price"]["currency"],
                "quantity": str(product["quantity"]),
                "version": str(product["version"]),
            }
        )

    def errors(self) -> dict[str, str]:
        """What can not even be sent: numbers that are none, a picture that is too large."""
        errors = {}
        try:
            minor_units(self.values["price"], self.values["currency"])
        except ValueError:
            errors["price"] = "must be an amount such as 25 or 25.50"
        if not (self.values["quantity"].isascii() and self.values["quantity"].isdigit()):
            errors["quantity"] = "must be a whole number"
        if self.image and (self.image.size or 0) > _MAX_PICTURE_MIB * 1024 * 1024:
            errors["image"] = f"must be at most {_MAX_PICTURE_MIB} MiB"
        return errors

    def content(self, *, with_version: bool = False) -> dict[str, Any]:
        """The body as httpx takes it: JSON, or a form where there is a picture to send."""
        fields: Json = {
            name: self.values[name] for name in ("title", "description", "category")
        } | {"quantity": int(self.values["quantity"])}
        if with_version:
            version = self.values["version"]
            fields["version"] = int(version) if version.isdigit() else 0
        amount = minor_units(self.values["price"], self.values["currency"])
        currency = self.values["currency"]
        if self.image is None:
            return {"json": {**fields, "price": {"amountMinor": amount, "currency": currency}}}
        price = {"price.amountMinor": amount, "price.currency": currency}
        data = {name: str(value) for name, value in {**fields, **price}.items()}
        media_type = self.image.content_type or "application/octet-stream"
        return {
            "data": data,
            "files": {"image": (self.image.filename, self.image.file, media_type)},
        }
