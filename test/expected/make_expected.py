#!/usr/bin/python3
"""Writes <model>.layers.json for every model of a manifest: an independent reading to hold the TypeScript one against.

    /usr/bin/python3 make_expected.py ../../../shared

Uses the onnx package (Debian's python3-onnx 1.12) and numpy. Where the reader of this repository traces weights from their
consumers backwards, this one runs each graph forwards and carries along, for every value, which constant it is a view of.
"""
import hashlib
import json
import math
import os
import re
import sys

import numpy as np
import onnx
from google.protobuf.message import DecodeError

TYPES = {
    1: 'float32', 2: 'uint8', 3: 'int8', 4: 'uint16', 5: 'int16', 6: 'int32', 7: 'int64', 8: 'string', 9: 'bool', 10: 'float16',
    11: 'float64', 12: 'uint32', 13: 'uint64', 16: 'bfloat16', 17: 'float8e4m3fn', 18: 'float8e4m3fnuz', 19: 'float8e5m2',
    20: 'float8e5m2fnuz', 21: 'uint4', 22: 'int4', 23: 'float4e2m1', 24: 'float8e8m0', 25: 'uint2', 26: 'int2',
}
FLOATS = {'float32': '<f4', 'float16': '<f2', 'bfloat16': '<u2', 'float64': '<f8'}
NOT_WEIGHTS = {'int32', 'int64', 'uint32', 'uint64', 'string', 'bool', 'float8e8m0'}
SAME_AXES = {'Identity', 'Cast', 'CastLike', 'QuantizeLinear', 'DequantizeLinear'}
NO_AXES = {'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'}
PARTS = {'Slice', 'Split'}


class Refused(Exception):
    """The message is the problem code."""


class Constant:
    """A tensor of an initializer, sparse initializer or Constant node."""

    def __init__(self, name, scope, dims, dtype, form, read):
        self.name, self.scope, self.dims, self.dtype, self.form, self.read = name, scope, list(dims), dtype, form, read
        self.consumers, self.axes, self.order = [], [], None


class View:
    """A value that is a constant: all of it with known or unknown axes, or a part of it."""

    def __init__(self, constant, axes, whole=True):
        self.constant, self.axes, self.whole = constant, axes, whole


def attribute(node, name, default):
    for a in node.attribute:
        if a.name == name:
            return None if a.ref_attr_name else onnx.helper.get_attribute_value(a)
    return default


def weight_slots(node):
    """(input, channel axis of an operand of rank r) for each weight input."""
    op, domain = node.op_type, '' if node.domain == 'ai.onnx' else node.domain
    t = lambda name: attribute(node, name, 0)
    matmul = [(0, lambda r: r - 2), (1, lambda r: r - 1)]
    gemm = [(0, lambda r: 1 if t('transA') else 0), (1, lambda r: 0 if t('transB') else 1)]
    standard = {
        'Conv': [(1, lambda r: 0)], 'ConvTranspose': [(1, lambda r: 1)], 'Gemm': gemm, 'MatMul': matmul,
        'LSTM': [(1, lambda r: 1), (2, lambda r: 1)], 'GRU': [(1, lambda r: 1), (2, lambda r: 1)],
        'RNN': [(1, lambda r: 1), (2, lambda r: 1)], 'Gather': [(0, lambda r: 0)], 'ConvInteger': [(1, lambda r: 0)],
        'QLinearConv': [(3, lambda r: 0)], 'MatMulInteger': matmul, 'QLinearMatMul': [(0, lambda r: r - 2), (3, lambda r: r - 1)],
    }
    microsoft = {
        'FusedConv': [(1, lambda r: 0)], 'FusedGemm': gemm, 'MatMulIntegerToFloat': matmul,
        'FusedMatMul': [(0, lambda r: r - 1 if t('transA') else r - 2), (1, lambda r: r - 2 if t('transB') else r - 1)],
        'Attention': [(1, lambda r: 1)], 'PackedAttention': [(1, lambda r: 1)], 'DecoderMaskedSelfAttention': [(1, lambda r: 1)],
        'LongformerAttention': [(1, lambda r: 1), (4, lambda r: 1)], 'DecoderAttention': [(2, lambda r: 1), (3, lambda r: 1)],
        'QAttention': [(1, lambda r: 1)], 'MatMulNBits': [(1, lambda r: 0)],
        'DynamicQuantizeMatMul': [(1, lambda r: r - 1)],
        'EmbedLayerNormalization': [(2, lambda r: 0), (3, lambda r: 0), (4, lambda r: 0)],
    }
    return {'': standard, 'com.microsoft': microsoft}.get(domain, {}).get(op, [])


class Reading:
    def __init__(self, path):
        self.folder = os.path.dirname(path)
        self.layers = []
        self.model = onnx.load(path, load_external_data=False)
        self.functions = {(f.domain, f.name): f for f in self.model.functions}
        self.function_constants = {}
        self.graph(self.model.graph, '', {})

    # Constants

    def constant(self, tensor, name, scope):
        entries = {e.key: e.value for e in tensor.external_data}
        external = tensor.data_location == onnx.TensorProto.EXTERNAL
        if external:
            location = entries['location']
            if os.path.isabs(location) or '..' in re.split(r'[/\\]', location):
                raise Refused('external-escapes')
        dtype = TYPES.get(tensor.data_type, 'unknown')
        form = 'external' if external else 'raw' if tensor.HasField('raw_data') else 'typed'
        return Constant(name, scope, tensor.dims, dtype, form, lambda: self.values(tensor, dtype, entries if external else None))

    def values(self, tensor, dtype, entries):
        """Elements as a flat float32 or float64 array; None when the type is not a float one."""
        if dtype not in FLOATS:
            return None
        kind = np.dtype(FLOATS[dtype])
        if entries is not None:
            count = math.prod(tensor.dims)
            flat = np.fromfile(os.path.join(self.folder, entries['location']), kind, count, offset=int(entries.get('offset', 0)))
        elif tensor.HasField('raw_data'):
            flat = np.frombuffer(tensor.raw_data, kind)
        elif dtype in ('float32', 'float64'):
            flat = np.array(tensor.float_data if dtype == 'float32' else tensor.double_data, kind)
        else:
            flat = np.array(tensor.int32_data, '<u2').view(kind)
        if dtype == 'bfloat16':
            return (flat.astype('<u4') << 16).view('<f4')
        return flat if dtype == 'float64' else flat.astype('<f4')

    def sparse(self, sparse, name, scope):
        def dense():
            out = np.zeros(math.prod(sparse.dims), '<f4')
            indices = onnx.numpy_helper.to_array(sparse.indices)
            if indices.ndim == 2:
                indices = np.ravel_multi_index(tuple(indices.T), tuple(sparse.dims))
            out[indices] = self.values(sparse.values, TYPES[sparse.values.data_type], None)
            return out
        return Constant(name, scope, sparse.dims, TYPES[sparse.values.data_type], 'sparse', dense)

    @staticmethod
    def whole(constant):
        return View(constant, list(range(len(constant.dims))))

    # Graphs

    def graph(self, graph, scope, outer):
        values = dict(outer)
        for i in graph.input:
            values.pop(i.name, None)
        for tensor in graph.initializer:
            values[tensor.name] = self.whole(self.constant(tensor, tensor.name, scope))
        for sparse in graph.sparse_initializer:
            values[sparse.values.name] = self.whole(self.sparse(sparse, sparse.values.name, scope))
        self.nodes(graph.node, scope, values)

    def nodes(self, nodes, scope, values):
        for position, node in enumerate(nodes):
            function = self.functions.get((node.domain, node.op_type))
            if function is not None:
                self.call(function, node, values)
                continue
            self.consume(node, scope, position, values)
            for output in node.output:
                values.pop(output, None)
            view = self.result(node, scope, values)
            if view is not None:
                for output in node.output:
                    values[output] = view
            for a in node.attribute:
                if a.type == onnx.AttributeProto.GRAPH:
                    path = (scope + '/' if scope else '') + (node.name or f'{node.op_type}#{position}') + '.' + a.name
                    self.graph(a.g, path, values)

    def call(self, function, node, values):
        body = {formal: values[actual] for formal, actual in zip(function.input, node.input) if actual in values}
        self.nodes(function.node, f'fn:{function.domain}::{function.name}', body)
        for formal, actual in zip(function.output, node.output):
            values.pop(actual, None)
            if formal in body:
                values[actual] = body[formal]

    def result(self, node, scope, values):
        """What the node's outputs are views of, if of anything."""
        if node.op_type == 'Constant':
            return self.constant_node(node, scope)
        inputs = [values.get(name) for name in node.input]
        first = inputs[0] if inputs else None
        if first is None or node.domain not in ('', 'ai.onnx', 'com.microsoft'):
            return None
        if node.op_type in SAME_AXES:
            return first
        if node.op_type == 'Transpose':
            perm = attribute(node, 'perm', first.axes and list(range(len(first.axes)))[::-1])
            return View(first.constant, first.axes and perm and [first.axes[p] for p in perm], first.whole)
        if node.op_type in NO_AXES:
            return View(first.constant, None, first.whole)
        if node.op_type in PARTS:
            return View(first.constant, None, False)
        if node.op_type == 'Concat' and all(v is not None and v.constant is first.constant for v in inputs):
            return View(first.constant, None, False)
        return None

    def constant_node(self, node, scope):
        """One Constant object per node, however often its function is called."""
        key = (scope, node.output[0])
        if key not in self.function_constants:
            made = None
            for a in node.attribute:
                if a.name == 'value':
                    made = self.constant(a.t, node.output[0], scope)
                elif a.name == 'sparse_value':
                    made = self.sparse(a.sparse_tensor, node.output[0], scope)
            self.function_constants[key] = made
        made = self.function_constants[key]
        return made and self.whole(made)

    # Layers

    def consume(self, node, scope, position, values):
        for slot, channel_axis in weight_slots(node):
            view = values.get(node.input[slot]) if slot < len(node.input) else None
            if view is None:
                continue
            constant = view.constant
            if len(constant.dims) < 2 or constant.dtype in NOT_WEIGHTS:
                continue
            if node.op_type == 'Gather' and not self.is_embedding(node, constant, values):
                continue
            identity = (scope, position, slot)
            if identity in [seen for seen, _ in constant.consumers]:
                continue
            if not constant.consumers:
                self.layers.append(constant)
            consumer = {'op': node.op_type, 'node': node.name or node.output[0], 'input': slot}
            constant.consumers.append((identity, consumer))
            constant.axes.append(None if view.axes is None else view.axes[channel_axis(len(view.axes))])

    @staticmethod
    def is_embedding(node, constant, values):
        indices = values.get(node.input[1])
        fixed = indices is not None and indices.whole
        return len(constant.dims) == 2 and attribute(node, 'axis', 0) == 0 and not fixed

    def report(self):
        return [self.describe(layer) for layer in self.layers]

    @staticmethod
    def describe(layer):
        weights = layer.read()
        digest = None if weights is None else hashlib.sha256(weights.astype('<f4').tobytes()).hexdigest()
        if weights is not None:
            assert weights.size == math.prod(layer.dims), layer.name
        return {
            'name': layer.name, 'scope': layer.scope, 'consumers': [consumer for _, consumer in layer.consumers],
            'dims': layer.dims, 'dtype': layer.dtype, 'elements': math.prod(layer.dims),
            'channelAxis': layer.axes[0] if len(set(layer.axes)) == 1 else None, 'form': layer.form, 'sha256': digest,
        }


def expected(path):
    with open(path, 'rb') as file:
        head = file.read(64)
    if head.startswith(b'version https://git-lfs'):
        return {'refused': 'lfs-pointer'}
    if head[4:8] == b'ORTM':
        return {'refused': 'ort-format'}
    try:
        return {'layers': Reading(path).report()}
    except Refused as refused:
        return {'refused': str(refused)}
    except DecodeError:
        return {'refused': 'malformed'}


def main(shared):
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(shared, 'models', 'manifest.json'), encoding='utf-8') as file:
        manifest = json.load(file)
    for model in manifest['models']:
        path = os.path.join(shared, model['files'][0]['path'])
        target = os.path.join(here, os.path.splitext(os.path.basename(path))[0] + '.layers.json')
        found = {'file': os.path.basename(path), **expected(path)}
        with open(target, 'w', encoding='utf-8') as file:
            file.write(compact(found))
        print(os.path.basename(path), found.get('refused') or len(found['layers']))


def compact(found):
    """JSON with one layer a line."""
    if 'refused' in found:
        return json.dumps(found) + '\n'
    lines = ',\n'.join('  ' + json.dumps(layer, ensure_ascii=False) for layer in found['layers'])
    return '{"file": %s, "layers": [\n%s\n]}\n' % (json.dumps(found['file']), lines)


if __name__ == '__main__':
    main(sys.argv[1])
