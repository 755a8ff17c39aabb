"""Set-up, the reader's copy, the command line, and the agreement of the files that name packages."""
