"""Statistics of every tensor of a model, as a notebook has them. Usage: statistics.py MODEL"""
import sys

import numpy
import onnx
from onnx import numpy_helper

for tensor in onnx.load(sys.argv[1]).graph.initializer:
    weights = numpy_helper.to_array(tensor)
    counts, _ = numpy.histogram(weights, bins=256)
    print(tensor.name, weights.min(), weights.max(), weights.mean(), weights.std(), numpy.median(weights), counts.max())
