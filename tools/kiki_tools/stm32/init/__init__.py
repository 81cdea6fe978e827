"""The init compiler: a plan of a device and its peripherals becomes pins, clocks and C that sets them up."""
