import numpy as np


def build(d):
    p = {}
    for l in range(1, len(d)):
        p[f"W{l}"] = np.zeros((d[l], d[l - 1]))
        p[f"b{l}"] = np.zeros((d[l], 1))
    return p
