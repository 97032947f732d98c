export * from './linearAlgebra';
