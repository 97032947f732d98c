/** Bounds on what a model file may claim, so that a hostile one costs neither the stack nor the memory. */

/** ONNX Runtime cannot parse a protobuf message above 2 GiB. */
export const MAX_MODEL_BYTES = 2 ** 31 - 1;

/** Messages inside messages: protobuf's own default, past which ONNX Runtime cannot load a model either. */
export const MAX_NESTING = 100;

/** Dimensions of a tensor: NumPy stops at 64, ONNX Runtime's kernels well before. */
export const MAX_RANK = 64;

/** One name or path: PATH_MAX is 4 KB and generated names stay below that; the rest is room. */
export const MAX_STRING_BYTES = 64 * 1024;

/** Everything but payloads: a million nodes take a tenth of this. */
export const MAX_SKELETON_BYTES = 1024 * 1024 * 1024;

/** Nodes and arguments looked at inside function calls: under a second of work; real models take some thousands. */
export const MAX_FUNCTION_STEPS = 2_000_000;

/** Nodes passed from a weight to its consumer, and calls inside calls: exporters chain a handful. */
export const MAX_TRACE_DEPTH = 256;

/** Elements of a sparse or computed tensor, whose dims are not backed by bytes in the file: 1 GB of float32. */
export const MAX_UNBACKED_ELEMENTS = 2 ** 28;

/** Elements of all steps to a computed weight of more, which is read in pieces, for a byte of its constants: codes of 1 bit take some six. */
export const MAX_COMPUTED_OF_BYTE = 64;
