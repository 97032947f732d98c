"""All that `quantscope inspect` tells of every tensor of a model, but the Gaussian's distance. Usage: allStatistics.py MODEL"""
import sys

import numpy
import onnx
from onnx import numpy_helper

PROBABILITIES = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]


def laplace_distance(ordered, location, scale):
    """Kolmogorov-Smirnov distance of ascending weights from the Laplacian."""
    z = (ordered - location) / scale
    tail = numpy.exp(-numpy.abs(z)) / 2
    expected = numpy.where(z < 0, tail, 1 - tail)
    ranks = numpy.arange(len(ordered) + 1) / len(ordered)
    return max(numpy.max(ranks[1:] - expected), numpy.max(expected - ranks[:-1]))


for tensor in onnx.load(sys.argv[1]).graph.initializer:
    weights = numpy_helper.to_array(tensor).ravel()
    counts, _ = numpy.histogram(weights, bins=128)
    mean = weights.mean(dtype=numpy.float64)
    square = (weights - mean) ** 2
    variance = square.mean()
    kurtosis = (square ** 2).mean() / variance ** 2 - 3
    ordered = numpy.sort(weights)
    quantiles = ordered[[int(p * (len(ordered) - 1)) for p in PROBABILITIES]]
    median = numpy.median(ordered[(len(ordered) - 1) // 2:len(ordered) // 2 + 1])
    scale = numpy.abs(weights - median).mean()
    zeros = numpy.count_nonzero(weights == 0)
    print(tensor.name, ordered[0], ordered[-1], mean, variance ** 0.5, kurtosis, quantiles, median, scale, zeros, counts.max(),
          laplace_distance(ordered, median, scale))
