"""Products and their stock."""

from typing import Annotated

import typer
from shop.catalog.v1 import catalog_pb2

from shopctl.amounts import amount
from shopctl.command import Limit, Session, Yes, command, confirm
from shopctl.failures import Exit, Failure
from shopctl.output import Result, counted, record, table
from shopctl.pages import pages

app = typer.Typer(no_args_is_help=True, help="Products and their stock.")

ProductId = Annotated[str, typer.Argument(metavar="PRODUCT", help="The product's id.")]
Price = Annotated[str | None, typer.Option(help="Price of one, such as 19.99.")]
Description = Annotated[str | None, typer.Option(help="What it is.")]
Keywords = Annotated[str | None, typer.Option(help="Other words that people look for it by.")]


@command(app, "list")
def list_products(
    session: Session,
    query: Annotated[str, typer.Argument(help="Words to look for.")] = "",
    category: Annotated[str, typer.Option(help="Only this category.")] = "",
    in_stock: Annotated[
        bool | None, typer.Option("--in-stock/--sold-out", help="Only what can be bought, or not.")
    ] = None,
    sort: Annotated[
        str, typer.Option(help="relevance, newest, price, -price or title.", metavar="ORDER")
    ] = "",
    limit: Limit = 24,
) -> Result:
    """List products."""
    request = catalog_pb2.ListProductsRequest(
        q=query, category=category, in_stock=in_stock, sort=sort
    )
    found = pages(session.catalog.ListProducts, request, "products", limit)
    rows = [
        (each.id, each.title, each.category, each.price, each.available, each.quantity)
        for each in found.products
    ]
    columns = ("ID", "TITLE", "CATEGORY", "PRICE", "AVAILABLE", "STOCK")
    return Result(found, table(columns, rows, counted(len(rows), found.total_size, "products")))


@command(app, "show")
def show_product(session: Session, product: ProductId) -> Result:
    """Show a product."""
    request = catalog_pb2.GetProductRequest(product_id=product)
    return shown(session.catalog.GetProduct(request))


@command(app, "create")
def create_product(
    session: Session,
    title: Annotated[str, typer.Option(help="Its name.")],
    category: Annotated[str, typer.Option(help="The one category it is in.")],
    price: Annotated[str, typer.Option(help="Price of one, such as 19.99.")],
    stock: Annotated[int, typer.Option(help="How many the shop has.")] = 0,
    description: Description = None,
    keywords: Keywords = None,
) -> Result:
    """Add a product."""
    request = catalog_pb2.CreateProductRequest(
        title=title,
        category=category,
        price=amount(session, price),
        quantity=stock,
        description=description or "",
        keywords=keywords or "",
    )
    return shown(session.catalog.CreateProduct(request))


@command(app, "update")
def update_product(
    session: Session,
    product: ProductId,
    title: Annotated[str | None, typer.Option(help="Its name.")] = None,
    category: Annotated[str | None, typer.Option(help="The one category it is in.")] = None,
    price: Price = None,
    description: Description = None,
    keywords: Keywords = None,
) -> Result:
    """Change what is given of a product, and nothing else."""
    if (title, category, price, description, keywords) == (None,) * 5:
        raise Failure(Exit.USAGE, "give what to change, such as --price 19.99")
    request = catalog_pb2.EditProductRequest(
        product_id=product,
        title=title,
        category=category,
        price=None if price is None else amount(session, price),
        description=description,
        keywords=keywords,
    )
    return shown(session.catalog.EditProduct(request))


@command(app, "stock")
def change_stock(
    session: Session,
    product: ProductId,
    change: Annotated[
        str, typer.Argument(help="What to add to the stock, such as 12, or -3 after `--`.")
    ],
) -> Result:
    """Add to the stock of a product, or take from what is not reserved."""
    try:
        difference = int(change)
    except ValueError:
        raise Failure(Exit.USAGE, f"CHANGE must be a whole number, not {change!r}") from None
    request = catalog_pb2.EditProductRequest(product_id=product, quantity_change=difference)
    return shown(session.catalog.EditProduct(request))


@command(app, "delete")
def delete_product(session: Session, product: ProductId, yes: Yes = False) -> Result:
    """Take a product out of the shop; past orders keep their snapshot."""
    confirm(f"Take {product} out of the shop for good?", yes=yes)
    session.catalog.DeleteProduct(catalog_pb2.DeleteProductRequest(product_id=product))
    return Result({"productId": product}, f"{product} is out of the shop.")


def shown(
    answer: catalog_pb2.GetProductResponse
    | catalog_pb2.CreateProductResponse
    | catalog_pb2.EditProductResponse,
) -> Result:
    """A product that was answered."""
    product = answer.product
    entries = {
        "id": product.id,
        "title": product.title,
        "category": product.category,
        "price": product.price,
        "available": product.available,
        "stock": product.quantity,
        "keywords": product.keywords,
        "picture": product.image_url,
        "added": product.created_at,
        "version": product.version,
        "description": product.description,
    }
    return Result(answer, record(entries))
