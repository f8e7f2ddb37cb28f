"""Fetches CMS's files: asks, downloads, verifies, keeps, and finds what is new."""
