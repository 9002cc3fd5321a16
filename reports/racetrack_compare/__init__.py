"""Two builds or two subjects compared, with a stated error: what scripts/compare, calibrate and history are made of."""
