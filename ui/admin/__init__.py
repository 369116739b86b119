"""The admin console: figures, orders, products, people, and the system behind them."""

from ui.admin import dashboard, dead_letters, orders, products, system, users

ROUTES = [
    *dashboard.ROUTES,
    *orders.ROUTES,
    *products.ROUTES,
    *users.ROUTES,
    *system.ROUTES,
    *dead_letters.ROUTES,
]
