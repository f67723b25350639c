"""Measurements: generated scenes with a known truth, and real clips, through the real pipeline."""
