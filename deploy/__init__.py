"""How emotiond gets onto a machine: installer, package, unit file, and the test of all that on a real systemd."""
