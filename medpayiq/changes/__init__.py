"""What changed from one release of CMS's to another: compared, told in words, written as files."""
