"""The storefront: what shoppers see."""

from ui.storefront import account, cart, catalogue, orders, payment, product, sign_in

ROUTES = [
    *catalogue.ROUTES,
    *product.ROUTES,
    *cart.ROUTES,
    *sign_in.ROUTES,
    *account.ROUTES,
    *payment.ROUTES,
    *orders.ROUTES,
]

# These are made of nothing but their path, these query parameters and the catalog where the visitor
# has no cookie.
GUEST_PAGES = {catalogue.LIST: catalogue.PARAMETERS} | dict.fromkeys(product.FOR_ALL_GUESTS, ())
