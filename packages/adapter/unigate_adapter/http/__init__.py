"""HTTP to vendors."""
