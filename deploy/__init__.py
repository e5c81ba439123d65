"""What deploys Waggle on AWS: the archives of its functions, and what serverless.yml includes."""
