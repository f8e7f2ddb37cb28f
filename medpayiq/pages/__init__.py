"""Joins CMS's facts, payment and content into one record per page."""
