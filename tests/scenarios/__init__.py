"""Named stories with expected output: what arrives on which day, and what must come out. No random inputs."""
