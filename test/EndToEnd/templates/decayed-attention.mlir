// Gradformer's attention: %y = softmax((q.k / sqrt d) gamma^leaky(hops - hop_h)) v, by graph.
  %dot = attn.dot %q, %k : !heads, !heads
  %decayed = attn.map %dot, %distance heads(%hop : tensor<${heads}xf32>) kernel "decay"
      : (!matrix, !hops) -> !matrix {
  ^bb0(%product: f32, %steps: f32, %free: f32):
    %zero = arith.constant 0.0 : f32
    %slopeExact = arith.constant $slope : f64
    %slope = arith.truncf %slopeExact : f64 to f32
    %gammaExact = arith.constant $gamma : f64
    %gamma = arith.truncf %gammaExact : f64 to f32
    %scaleExact = arith.constant $scale : f64
    %scale = arith.truncf %scaleExact : f64 to f32
    %beyond = arith.subf %steps, %free : f32
    %within = arith.mulf %beyond, %slope : f32
    %isBeyond = arith.cmpf ogt, %beyond, %zero : f32
    %exponent = arith.select %isBeyond, %beyond, %within : f32
    %decay = math.powf %gamma, %exponent : f32
    %factor = arith.mulf %decay, %scale : f32
    %logit = arith.mulf %product, %factor : f32
    attn.yield %logit : f32
  }
  %shares = attn.softmax %decayed : !matrix
  %y = attn.apply %shares, %v : !matrix, !heads
