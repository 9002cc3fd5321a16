"""Settings of all tests."""

import signal

from hypothesis import HealthCheck, settings

# A shell that starts the tests in the background makes them ignore Ctrl-C. The programs that they start would inherit
# that, and a shell cannot trap a signal that it inherited as ignored. So the default action is restored here.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The time of an example depends on the machine and its load, so it decides no test.
settings.register_profile("racetrack", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("racetrack")
