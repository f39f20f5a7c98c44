"""The drawing room: the QR symbol, the A4 sheet, the card and the badge.

The only modules that import `qrcode` and `reportlab`. They know no database, no web and no clock: words
and a symbol in, bytes out. Begin with `content.sheet_content`, `symbol.draw_symbol`, `sheet.render_sheet`
and `card.render_card`.
"""
