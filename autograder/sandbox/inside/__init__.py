"""What runs inside the box: zygote, keeper, student server. Imports nothing of the rest of the grader.

The launcher copies these files to a place of their own and loads them there as the package `inside`, so
that a student's code can reach neither the grader nor a course.
"""
