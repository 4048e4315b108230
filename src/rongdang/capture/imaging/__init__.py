"""Page images cleaned and judged. Pure: no database, no server; arrays are BGR uint8 HxWx3."""
