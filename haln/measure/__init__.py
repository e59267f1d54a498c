"""What the network looks like as of a day, in figures that stand up to questions."""
