"""A shell without a database: it carries decisions out in memory, under a clock and a mail that tests control."""
