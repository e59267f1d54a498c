"""The vocabularies of the network: data that another network replaces, checked when loaded."""
