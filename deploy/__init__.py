"""How the site is served, and the files with which a host does it."""
