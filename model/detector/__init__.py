"""The face detector: data, network, training, conversion."""
