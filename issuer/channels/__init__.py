"""Ways in which a paper reaches its holder besides the printer (`issuer.prints`)."""
