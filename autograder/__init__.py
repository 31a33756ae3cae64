"""What instructors and automation run: release, grade, feedback, report, export.

Refuses to be imported by `init_utils`: students never need it.
"""
