"""People: finding somebody, their file, what becomes of it.

`finding` finds a misspelt name, `files` opens and shows a file. A trainer knows the people of their own body:
whatever is asked here is asked for some bodies, and answers nothing outside them. Left to others: attesting
(`issuer.register`), pages (`issuer.web.desk`).
"""
