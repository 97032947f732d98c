export * from './adam';
export * from './cells';
export * from './gradients';
export * from './linearAlgebra';
export * from './moments';
export * from './rowProduct';
