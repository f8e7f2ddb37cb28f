"""Reads CMS's files once, checks them, and writes and reads snapshots. Knows no Medicare rule."""
