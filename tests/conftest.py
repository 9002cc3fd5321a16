"""What all tests share."""

import signal

from hypothesis import HealthCheck, settings

# A shell that starts the tests in its background has them ignore Ctrl-C, and so would every program that they start and
# send a Ctrl-C to: a shell cannot trap a signal that it inherited as ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes is of this machine and this hour, and decides no test.
settings.register_profile("racetrack", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("racetrack")
