"""The checking counter on the web: pages for people, JSON for programs. Starlette alone: the routes are plain."""
