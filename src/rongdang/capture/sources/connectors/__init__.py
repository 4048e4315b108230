"""Every way into an old system, read-only. `opening.open_table` for a file, `sql`, `node` over the network."""
