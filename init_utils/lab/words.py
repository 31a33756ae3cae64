"""Numbers as a person reads them in the lab: never rounded to what they are not."""

from __future__ import annotations


def percent(share: float, decimals: int = 0) -> str:
    """A share in per cent; only 0 is "0 %", and only the whole is "100 %".

    Examples
    --------
    >>> percent(0.9933, 1), percent(0.9996, 1), percent(1.0, 1), percent(0.0004)
    ('99.3 %', '99.9 %', '100 %', '1 %')
    """
    if share in (0, 1):
        return f"{share:.0%}".replace("%", " %")
    step = 10**-decimals
    shown = max(step, round(share * 100, decimals))
    if share < 1:
        shown = min(100 - step, shown)
    return f"{shown:,.{decimals}f} %"


def cost(value: float) -> str:
    """A cost with three digits that count.

    Examples
    --------
    >>> cost(0.69314), cost(1774.2), cost(0.0648)
    ('0.693', '1,774', '0.0648')
    """
    return f"{value:,.0f}" if value >= 1000 else f"{value:#.3g}"
