"""Tests of what a person sees in a browser, with headless Chromium cut off from the network."""
