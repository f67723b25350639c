"""Training, conversion and evaluation of emotiond's networks; run from a checkout, never installed."""
