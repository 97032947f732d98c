"""Every tensor rounded to the nearest of 4-bit codes, one scale a tensor, two codes a byte. Usage: quantize.py MODEL COPY"""
import sys

import numpy
import onnx
from onnx import numpy_helper

model = onnx.load(sys.argv[1])
scales = []
for tensor in model.graph.initializer:
    weights = numpy_helper.to_array(tensor).ravel()
    scale = numpy.abs(weights).max() / 7
    codes = numpy.clip(numpy.rint(weights / scale), -7, 7).astype(numpy.int8).view(numpy.uint8) & 15
    scales.append(numpy_helper.from_array(scale.reshape(1), tensor.name + ".scale"))
    tensor.CopyFrom(numpy_helper.from_array(codes[0::2] | codes[1::2] << 4, tensor.name))
model.graph.initializer.extend(scales)
onnx.save(model, sys.argv[2])
