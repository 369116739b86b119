"""What tests of several folders share: clocks, people, shops, databases, interleavings."""
