"""Asks an editor for a tip, question by question, and writes the file: `build.py new-tip 97761`."""
