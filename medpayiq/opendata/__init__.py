"""What other people's programs may read of the site: the schemas of its files, the release as one CSV, the list of both."""
