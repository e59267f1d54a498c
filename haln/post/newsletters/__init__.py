"""The newsletter: written from blocks by staff, sent to those who asked for it, read in the product."""
