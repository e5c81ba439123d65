"""Tests of what the tests stand on: the private database server."""
