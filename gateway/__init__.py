"""clinic-sms-gateway: a self-hosted SMS gateway for clinics."""

__version__ = "0.1.0"
