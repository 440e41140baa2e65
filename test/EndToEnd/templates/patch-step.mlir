  %c$step = nn.conv2d $input, %$layer.weight bias(%$layer.bias) strides [$stride, $stride]
      padding [$padding, $padding] : $before, $weight, $vector
  %n$step = nn.batch_norm %c$step, %$norm.running_mean, %$norm.running_var, %$norm.weight,
      %$norm.bias : $after, $vector, $vector, $vector, $vector
  %y$step = nn.relu %n$step : $after
