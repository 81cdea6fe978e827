"""Decks that ngspice runs, shown to the model beside a question that they resemble."""
