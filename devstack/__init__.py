"""The shop's local world: its servers, its processes, and the supervisor that runs them.

`python -m devstack up` starts everything on a machine that has Python and the package registries.
"""
