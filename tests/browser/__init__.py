"""The pages as a browser shows them: `nox -s browser`."""
