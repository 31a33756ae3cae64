"""A service that takes in notebooks and answers with verdict and feedback: `autograder serve`."""
