"""`make bench`: expressions against Jinja2, then the product's workloads."""

import sys

from tests.benchmarks import bench_expressions, workloads

if __name__ == "__main__":
    bench_expressions.main()
    workloads.main(sys.argv[1:])
