"""How fast the shop is beside what could be reached: one question a file; `-s bench` asks them."""
