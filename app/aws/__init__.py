"""What speaks to AWS, each beside its twin that needs none. boto3 is imported only in functions."""
