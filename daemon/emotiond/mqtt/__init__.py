"""What leaves the house: topics, messages and the two outlets."""
