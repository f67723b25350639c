"""What keeps the daemon honest with systemd and the journal."""
