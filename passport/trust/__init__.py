"""Trust documents: the trust list, its short-lived companion `now`, sealed sets, pins.

`model`: what they say. `reading`: bytes to accepted types. `writing`: types to bytes. `envelope`: the
signatures around them.
"""
