"""What each channel did for conversions, where SQL does not suffice: effects by Markov chain and Shapley value."""
