"""From a checked warehouse to a release that readers see whole or not at all."""
