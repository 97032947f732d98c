import type {
  HostMessage, MethodCurves, PageChannelErrors, PageChannelRanges, PageErrors, PageNodes, PageProblem, PageSupportCurve,
} from '../src/protocol/page';

type CurveProblem = Extract<HostMessage, { type: 'curveProblem' }>;
type CurveMessage = CurveProblem | Extract<HostMessage, {
  type: 'methodCurves' | 'supportCurve' | 'layerErrors' | 'channelRanges' | 'channelErrors' | 'layerNodes';
}>;

/** What the inspector's charts show; each part says which layer it is of. */
export interface LayerCurves {
  methods: MethodCurves | null;
  support: PageSupportCurve | null;
  errors: PageErrors | null;
  channelRanges: PageChannelRanges | null;
  channelErrors: PageChannelErrors | null;
  nodes: PageNodes | null;
  /** Why some of them cannot be shown. */
  problems: readonly CurveProblem[];
}

export const NO_CURVES: LayerCurves = {
  methods: null, support: null, errors: null, channelRanges: null, channelErrors: null, nodes: null, problems: [],
};

/** Takes in what the host says of a layer's curves: the last word on each counts. */
export function applyCurves(curves: LayerCurves, message: CurveMessage): LayerCurves {
  const of = message.type === 'curveProblem' ? message.of : message.type;
  const problems = curves.problems.filter((problem) => problem.of !== of);
  switch (message.type) {
    case 'methodCurves':
      return { ...curves, methods: message.curves, problems };
    case 'supportCurve':
      return { ...curves, support: message.curve, problems };
    case 'layerErrors':
      return { ...curves, errors: message.errors, problems };
    case 'channelRanges':
      return { ...curves, channelRanges: message.ranges, problems };
    case 'channelErrors':
      return { ...curves, channelErrors: message.errors, problems };
    case 'layerNodes':
      return { ...curves, nodes: message.nodes, problems };
    case 'curveProblem':
      return { ...curves, problems: [...problems, message] };
  }
}

/** The part, if it is of this layer. */
export function ofLayer<Part extends { index: number }>(part: Part | null, layer: number): Part | null {
  return part?.index === layer ? part : null;
}

/** Why the first of these that cannot be shown of the layer cannot. */
export function problemOf({ problems }: LayerCurves, layer: number, ...of: readonly CurveProblem['of'][]): PageProblem | null {
  return problems.find((problem) => problem.index === layer && of.includes(problem.of))?.problem ?? null;
}
