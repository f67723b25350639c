"""The whole path on one machine: a broker, the daemon, and a subscriber that tells what it hears."""
