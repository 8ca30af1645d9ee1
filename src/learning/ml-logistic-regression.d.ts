/** Types of the part of ml-logistic-regression that is used: the package brings none. */
declare module 'ml-logistic-regression' {
  import type { Matrix } from 'ml-matrix';

  interface TwoClasses {
    /** 1×columns. */
    weights: Matrix;
    testScores(features: Matrix): number[];
  }

  export default class LogisticRegression {
    constructor(options: { numSteps: number; learningRate: number });
    /** One classifier a class: for labels 0/1 the first gives P(1), the second is its mirror. */
    classifiers: TwoClasses[];
    train(features: Matrix, labels: Matrix): void;
  }
}
