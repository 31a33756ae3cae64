"""A service that takes in notebooks and answers with a verdict in seconds: `autograder serve`."""
