"""A panel by evidence: tools first, then votes on what they leave open, then a dissenter whose doubt is measured.

`sitting.deliberate` gives the events of one deliberation, its `Ruling` last. The rules are in `tally` and `dissent`.
"""
