"""What Medicare pays for a line. Opens no file, knows no page."""
