"""The Excel door: signed templates out, filled workbooks in, answers painted into them."""
