"""Subscribers from a table: reading it, saying what it would do, and doing all of it or nothing."""
