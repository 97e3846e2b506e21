"""Pure computation: periods, meaning of indicators, targets, paths, lights, shares.

No Django, no I/O, no clock: everything a function needs is an argument. Values are `Decimal`;
`float` lives only inside `synthesis`, which gives out whole ticks of the declared precision, and in
`composite`, whose scores are measurements.
"""
