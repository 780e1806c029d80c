"""Why a customer is one customer: what was asked for, the evidence around it, and that evidence as text and as a page."""
