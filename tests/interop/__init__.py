"""SMSCs that others wrote, on real sockets: what our own fake SMSC and we might both have misunderstood."""
