"""The compiled kernels; their sources are in native/ at the top."""
