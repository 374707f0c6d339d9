"""What `smsgw doctor` looks at: one file per matter, each a function that gives findings."""
