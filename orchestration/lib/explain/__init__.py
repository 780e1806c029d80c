"""Why a customer is one customer: what was asked for, the evidence around it, and how both are shown."""
