"""The rules: who may do what, what is shown to whom, and what every change entails."""
