"""What runs inside the box: zygote, keeper, worker. Imports nothing of the rest of the engine.

The launcher copies these files to a place of their own and loads them there as the package `inside`, so
that neither the engine nor a course is anywhere in the student's reach.
"""
