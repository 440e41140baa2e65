  ^bb0(%square: f32):
    %half = arith.constant -0.5 : f32
    %exponent = arith.mulf %square, %half : f32
    %power = math.exp %exponent : f32
    attn.yield %power : f32
