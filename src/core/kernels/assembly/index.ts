export * from './cells';
export * from './linearAlgebra';
export * from './moments';
