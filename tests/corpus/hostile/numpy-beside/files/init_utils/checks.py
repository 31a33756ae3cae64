check_shapes = check_values = check_seed = lambda *a, **k: None
