"""The checking counter on the web: pages for people, JSON for programs. The only room here with FastAPI."""
