"""What editors write, checked with file, line and column. Knows no HTML."""
