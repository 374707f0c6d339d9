"""The gateway's own exceptions. Each says where and what to do; none carries a text or a full number of a patient."""


class GatewayError(Exception):
    """It could not be done; `str()` is one sentence for a person. The command exits with 1."""


class UsageProblem(GatewayError):
    """Wrong usage or configuration: the command exits with 2."""


class CarrierLost(GatewayError):
    """The carrier's device or link is gone; whoever holds it closes it and opens it anew."""
