"""What the contract's annotations say of RPCs, fields, reasons and events."""
