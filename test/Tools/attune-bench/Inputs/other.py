# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A peers' script that knows no workload of ours, nor any inputs."""
print('{"workloads": {"other": [1]}, "peers": ["slow"]}')
