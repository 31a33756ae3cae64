"""What learning platforms offer for download: zip files, the names in them, and rosters. For `collect`."""
