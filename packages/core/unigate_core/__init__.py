"""What all of unigate stands on: JSON, errors, redaction, telemetry."""
