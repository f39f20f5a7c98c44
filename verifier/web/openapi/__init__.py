"""The description of the counter's HTTP interface for programs: one OpenAPI 3.1 document, at
``/openapi.json``.

`document`: the whole. `shapes`: what is sent and answered, from the types that are really used. `operations`:
the routes in words. `examples.json`: requests with their answers, made by ``python -m
tests.verifier.web.examples`` from the running application; a test runs every one of them again.
"""
