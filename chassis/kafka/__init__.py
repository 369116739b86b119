"""Kafka: all that knows kafka-python."""
