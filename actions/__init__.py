"""Rasa custom actions: thin, one module per thing a buyer wants."""
