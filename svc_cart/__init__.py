"""The cart: what a shopper, signed in or not, is about to buy."""
