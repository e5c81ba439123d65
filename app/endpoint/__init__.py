"""What stands between HTTP and the GraphQL schema: requests, documents, limits, errors, pages.

Nothing here knows what the schema is about; a module is about one thing a client can notice.
"""
