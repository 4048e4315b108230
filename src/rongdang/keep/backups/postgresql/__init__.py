"""PostgreSQL: base backup and write-ahead log into the target, and a cluster that comes out of them."""
