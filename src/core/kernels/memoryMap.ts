/** Weights in a piece: 256 KB, so that all that is done to it finds it in the core's own cache. */
export const PIECE = 1 << 16;
/** Weights in a chunk that is read into the kernels' memory: 2 MB, as fewer calls of the system take less time. */
export const CHUNK = 1 << 19;
/** Cells of `cells.ts`, how many of them can be looked into at once, and how many float32 there are in one. */
export const CELLS = 1 << 20;
export const MOST_SLOTS = 1024;
export const VALUES_WITHIN = 1 << 12;

/** Sums that a kernel gives back; below lies what the compiler sets aside. */
export const OUT = 1024;
export const MOST_SUMS = 128;
/** A piece of weights, or the blocks of a matrix product. */
export const WORK = OUT + 1024;
/** Codes of a piece, what they are packed into, and thresholds or levels of at most 256 codes. */
export const CODES = WORK + 4 * PIECE;
export const PACKED = CODES + PIECE;
export const LEVELS = PACKED + PIECE;
export const MOST_LEVELS = 256;
/** What is found in a piece. */
export const FOUND = WORK + 8 * PIECE;
/** uint32 for each cell; keys of a piece while its median is looked for. */
export const COUNTS = FOUND + 4 * PIECE;
/** A piece in the order of its cells; where these start, sums before them, and the cell of each weight: as many cells at most. */
export const ORDERED = COUNTS;
export const ORDERED_STARTS = ORDERED + 4 * (PIECE + 8);
export const ORDERED_SUMS = ORDERED_STARTS + 4 * (PIECE + 4);
export const ORDERED_PLACES = ORDERED_SUMS + 16 * (PIECE + 1);
/** Keys of a piece while it is sorted, and how often digits of theirs occur. */
export const SORTED_OTHER = COUNTS;
export const SORTED_DIGITS = SORTED_OTHER + 4 * PIECE;
/** uint16 for each cell. */
export const SLOTS = COUNTS + 4 * CELLS;
/** A bit for each cell. */
export const MARKS = SLOTS + 2 * CELLS;
/** uint32 for each value of each slot; or equal cells. */
export const WITHIN = MARKS + CELLS / 8;
/** A chunk. */
export const CHUNK_WEIGHTS = WITHIN + 4 * MOST_SLOTS * VALUES_WITHIN;

/** Learned rounding has the memory of cells while it lasts: float64 numbers of a row, rows of a matrix and what to add of them. */
export const ROW_NUMBERS = COUNTS;
export const MOST_COLUMNS = 8192;
export const MOST_ADDED = 256;
export const ADDED_ROWS = ROW_NUMBERS + 32 * 8 * MOST_COLUMNS;
export const ADDED_FACTORS = ADDED_ROWS + 4 * MOST_ADDED;
export const MATRIX_ROWS = ADDED_FACTORS + 8 * MOST_ADDED;
export const MATRIX_ROWS_END = CHUNK_WEIGHTS;

/** Weights that columns of a matrix have room for, and their codes: 4 MB and 1, so that much of each row is read at a time. */
export const COLUMNS_CAPACITY = 1 << 20;
export const COLUMN_WEIGHTS = CHUNK_WEIGHTS + 4 * CHUNK;
export const COLUMN_CODES = COLUMN_WEIGHTS + 4 * COLUMNS_CAPACITY;

/** Weights of a stripe of a layer, 16 MB and what is left free between its columns, and their codes. */
export const STRIPE_CAPACITY = 1 << 22;
export const TRANSPOSED_CAPACITY = STRIPE_CAPACITY + STRIPE_CAPACITY / 16;
export const STRIPE_WEIGHTS = COLUMN_CODES + COLUMNS_CAPACITY;
export const STRIPE_CODES = STRIPE_WEIGHTS + 4 * TRANSPOSED_CAPACITY;
/** Codes of a layer that come stripe by stripe and are stored otherwise. */
export const LAYER_CAPACITY = 1 << 24;
export const LAYER_CODES = STRIPE_CODES + TRANSPOSED_CAPACITY;

/** Places (`places.ts`): a cell, weights below, and the range of each. */
export const PLACES = LAYER_CODES + LAYER_CAPACITY;
export const PLACES_BELOW = PLACES + 4 * CELLS;
export const PLACES_LOWEST = PLACES_BELOW + 8 * CELLS;
export const PLACES_HIGHEST = PLACES_LOWEST + 4 * CELLS;

/** What the compiler is asked for. Pages that are never written to take no memory. */
export const MEMORY_PAGES = Math.ceil((PLACES_HIGHEST + 4 * CELLS) / (1 << 16));
