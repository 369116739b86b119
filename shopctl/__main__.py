"""The tool with all its commands: `shopctl`, or `python -m shopctl`."""

import typer

from shopctl.commands import (
    dead_letters,
    doctor,
    events,
    loadtest,
    log_level,
    login,
    orders,
    outbox,
    payments,
    products,
    system,
    users,
)

app = typer.Typer(
    name="shopctl",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="What operators do with the shop, over its gRPC contract.",
    epilog="Exit codes: 0 done, 1 refused, 2 usage, 3 unreachable, 4 not signed in or not allowed, "
    "5 internal error, 130 interrupted.",
)

login.add_to(app)
doctor.add_to(app)
system.add_to(app)
loadtest.add_to(app)
app.add_typer(products.app, name="products")
app.add_typer(orders.app, name="orders")
app.add_typer(payments.app, name="payments")
app.add_typer(users.app, name="users")
app.add_typer(events.app, name="events")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(outbox.app, name="outbox")
app.add_typer(log_level.app, name="log-level")


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
