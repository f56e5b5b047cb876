"""What never left the sandbox."""
