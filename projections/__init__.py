"""The read side: attribution, the bitemporal table `standen`, and the questions to it."""
