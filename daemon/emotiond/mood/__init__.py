"""From readings to steady moods, events and the mood of the room; pure, with no clock of its own."""
