"""RefundDesk: a customer-service agent that settles refunds in the chat."""
