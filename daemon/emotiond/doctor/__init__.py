"""What may be wrong with a device, one file per subject: each looks, and says what it found and what to type."""
