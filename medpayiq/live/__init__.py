"""Shows the site while it is being written: pages made on request from the sources, and what is wrong with them."""
