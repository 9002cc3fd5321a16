"""What all tests share."""

import signal

# A shell that starts the tests in its background has them ignore Ctrl-C, and so would every program that they start and
# send a Ctrl-C to: a shell cannot trap a signal that it inherited as ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
