;; The innermost loop of the page's engine (`accumulate` in init_utils/lab/src/engine.js), two numbers at a time; for benchmarks/page.py.
(module
  (memory (export "memory") 4)
  ;; add to out[0..m) the sum of four rows, each times its weight: two numbers at a time
  (func (export "accumulate") (param $out i32) (param $w i32) (param $rows i32) (param $m i32)
    (local $end i32) (local $s i32) (local $w0 v128) (local $w1 v128) (local $w2 v128) (local $w3 v128)
    (local.set $w0 (v128.load64_splat (local.get $w)))
    (local.set $w1 (v128.load64_splat offset=8 (local.get $w)))
    (local.set $w2 (v128.load64_splat offset=16 (local.get $w)))
    (local.set $w3 (v128.load64_splat offset=24 (local.get $w)))
    (local.set $s (i32.shl (local.get $m) (i32.const 3)))
    (local.set $end (i32.add (local.get $out) (local.get $s)))
    (loop $next
      (v128.store (local.get $out)
        (f64x2.add (v128.load (local.get $out))
          (f64x2.add
            (f64x2.add
              (f64x2.add
                (f64x2.mul (local.get $w0) (v128.load (local.get $rows)))
                (f64x2.mul (local.get $w1) (v128.load (i32.add (local.get $rows) (local.get $s)))))
              (f64x2.mul (local.get $w2) (v128.load (i32.add (local.get $rows) (i32.shl (local.get $s) (i32.const 1))))))
            (f64x2.mul (local.get $w3) (v128.load (i32.add (local.get $rows) (i32.mul (local.get $s) (i32.const 3))))))))
      (local.set $rows (i32.add (local.get $rows) (i32.const 16)))
      (br_if $next (i32.lt_u (local.tee $out (i32.add (local.get $out) (i32.const 16))) (local.get $end))))))
