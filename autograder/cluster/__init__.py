"""The same jobs on the machines of a Dask cluster.

`addresses` says which schedulers may be used, `plugin` is what runs on the workers, `supervisor` is the
coordinator's side, which a class run uses in place of the local supervisor. Nothing is imported here:
`distributed` is installed by whoever wants it.
"""
