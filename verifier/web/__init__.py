"""The checking counter on the web: pages for people, JSON for programs. Plain routes on Starlette alone."""
