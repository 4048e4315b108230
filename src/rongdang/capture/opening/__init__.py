"""Files from outside are opened here, in a limited child process, and nowhere else."""
