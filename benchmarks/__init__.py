"""How long checks take. Not tests: a figure says something about the machine it was taken on."""
