"""The legal notices of pages and files."""

from __future__ import annotations

from medpayiq.config import Config


def notices(config: Config) -> tuple[str, ...]:
    """Return what every page and every file to download says of CPT, CDT and CMS."""
    return (
        f"CPT codes and descriptions only are copyright {config.cpt_notice_year} American Medical Association. All Rights Reserved. Applicable FARS/DFARS apply.",
        f"Dental codes (D codes) are copyright American Dental Association. {config.name} is independent: not affiliated with or endorsed by CMS, the AMA or the ADA.",
        "National fee schedule amounts of Original Medicare. No promise of payment or coverage.",
    )
