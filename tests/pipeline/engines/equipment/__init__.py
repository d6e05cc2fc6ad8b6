"""What engines need in their contract tests: see `contract.EQUIPMENT`."""
