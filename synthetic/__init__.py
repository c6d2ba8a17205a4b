"""A seeded, made-up region: pupils, schools and samenwerkingsverbanden that do not exist."""
