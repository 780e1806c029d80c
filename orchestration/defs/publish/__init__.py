"""The release as an asset."""
