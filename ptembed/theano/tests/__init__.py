"""What programs import from Theano's own tests: helpers to test Ops and gradients."""
