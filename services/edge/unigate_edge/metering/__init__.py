"""What requests may use and what they have used."""
