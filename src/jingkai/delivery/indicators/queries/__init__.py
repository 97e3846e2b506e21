"""What can be read, by page. Every read starts from `visibility`."""
