"""What requests cost, from the prices of their models, and what each key has used."""
