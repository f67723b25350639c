"""The networks that ship, each with its sidecar."""
