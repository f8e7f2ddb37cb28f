"""Proof that amounts are right: worked cases and amounts that CMS published, against the engine."""
