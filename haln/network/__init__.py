"""What shape the network has as of a day: pure functions over dated members and ties."""
