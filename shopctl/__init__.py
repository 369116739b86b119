"""The command-line tool for operators, on the typed stubs of the contract."""
