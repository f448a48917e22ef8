"""What `refunddesk` does on the command line, one module per command."""
