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
