"""The command `smsgw`: one file per noun; each parses, makes one call and prints. `app` has the table of verbs."""
