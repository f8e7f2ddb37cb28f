"""The Revenue Protection Toolkit: denial triggers, modifier pitfalls and bundling conflicts of a specialty, as PDF, XLSX and CSV."""
