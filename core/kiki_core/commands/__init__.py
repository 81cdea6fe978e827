"""The commands of `kiki`, one module each; loaded only when they are called."""
