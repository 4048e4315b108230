"""Paper forms as PDF: catalogue, notes at the end of a file, box label. Values in, bytes out; no Django."""
