"""The admin console: figures, orders, products, people."""

from ui.admin import dashboard, orders, products, users

ROUTES = [*dashboard.ROUTES, *orders.ROUTES, *products.ROUTES, *users.ROUTES]
