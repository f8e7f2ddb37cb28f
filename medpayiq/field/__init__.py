"""Reports from the field: the lists they choose from, the shape of a report and of what is published, and what a build takes in."""
