"""Arrays from files."""
