"""`make bench`: expressions against Jinja2, the engine's cost per task run, then the product's workloads."""

import sys

from tests.benchmarks import bench_engine, bench_expressions, workloads

if __name__ == "__main__":
    bench_expressions.main()
    bench_engine.main()
    workloads.main(sys.argv[1:])
