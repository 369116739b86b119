"""The admin console: figures, orders, products, people, what was done, and the system."""

from ui.admin import audit, dashboard, dead_letters, orders, products, system, users

ROUTES = [
    *dashboard.ROUTES,
    *orders.ROUTES,
    *products.ROUTES,
    *users.ROUTES,
    *audit.ROUTES,
    *system.ROUTES,
    *dead_letters.ROUTES,
]
