"""The linter of tips: every rule is one function that yields what it finds, and has one test."""
