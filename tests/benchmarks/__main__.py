"""`make bench`: expressions against Jinja2, the engine's cost per task run, then the product's workloads."""

import sys

from tests.benchmarks import bench_engine, bench_expressions, bench_schedules, workloads

if __name__ == "__main__":
    bench_expressions.main()
    bench_engine.main()
    bench_schedules.main()
    workloads.main(sys.argv[1:])
