"""Writes of accounts, by topic: sign_in, passwords, second_factor, links, tokens, users, roles."""
