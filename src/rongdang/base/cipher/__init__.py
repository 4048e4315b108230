"""Encryption as a library: suites, envelopes, the key ring, blind indexes. No database, no server."""
