export * from './assign';
export * from './cells';
export * from './errors';
export * from './linearAlgebra';
export * from './moments';
export * from './pack';
export * from './ranks';
