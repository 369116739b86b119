"""The OpenAPI document of the contract, and the pages that show it."""
