"""Nothing is in it; nor was in Theano 1.0.5."""
