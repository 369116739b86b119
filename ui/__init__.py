"""The pages of the shop: a storefront and an admin console, on top of the REST API alone."""
