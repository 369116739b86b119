"""Processes that run for as long as this one does, and no longer."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
