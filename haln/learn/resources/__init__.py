"""Resources: what members write down for others, and how others find it."""
