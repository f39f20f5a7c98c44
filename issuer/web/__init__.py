"""The issuing counter on the web: an API for bodies, public documents for everyone. See `app.create_app`."""
