"""What all tests need of the process that runs them."""

import signal

from hypothesis import settings

# A deadline fails where the machine is busy, not where the code is slow.
settings.register_profile("cassette", deadline=None)
settings.load_profile("cassette")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A job in the background of a script ignores Ctrl-C, and so would every program that the tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
