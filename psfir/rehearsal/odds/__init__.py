"""Would the deadline be made? Arithmetic on stated assumptions, many times over; never evidence."""
