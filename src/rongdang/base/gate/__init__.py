"""The gate for state secrets: what bears a mark does not come in, by whatever way (domain 5.4)."""
