"""What a client can ask: the root fields of Query, Mutation and Subscription."""
