"""Follows CMS's releases: what is new is fetched, checked and built apart from the site, and told as a pull request or an issue."""
