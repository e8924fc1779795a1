// Data frames -> what Grafana's panels show of them, by Grafana's own components.
import {
  applyFieldOverrides, cacheFieldDisplayNames, type DataFrame, type FieldConfigSource, type FieldDisplay, FieldType, getDisplayValueAlignmentFactors,
  getFieldDisplayValues, type GrafanaTheme2, identityOverrideProcessor, Registry, standardTransformers,
  standardTransformersRegistry, thresholdsOverrideProcessor, transformDataFrame, valueMappingsOverrideProcessor,
  VizOrientation,
} from '@grafana/data';
import { BarGauge, BigValue, BigValueColorMode, BigValueGraphMode, BigValueTextMode, TimeSeries, VizRepeater } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { lastValueFrom } from 'rxjs';
import type { Panel, Range } from './model';
import { timeRange } from './prometheus';

const { mergeTransformer, organizeFieldsTransformer } = standardTransformers;
standardTransformersRegistry.setInit(() => [
  mergeTransformer, organizeFieldsTransformer, standardTransformers.filterFieldsByNameTransformer, standardTransformers.orderFieldsTransformer,
  standardTransformers.renameFieldsTransformer,
].map((transformation) => ({ id: transformation.id, name: transformation.name, transformation: async () => transformation })) as any);

const property = (id: string, process: unknown = identityOverrideProcessor) => {
  const path = id.replace(/^custom\./, '');
  return { id, path, name: id, isCustom: id !== path, process, shouldApply: () => true, override: () => null, editor: () => null };
};
const STANDARD = ['unit', 'min', 'max', 'decimals', 'displayName', 'noValue', 'color', 'filterable', 'links'];
const CUSTOM = [
  'drawStyle', 'lineWidth', 'lineInterpolation', 'lineStyle', 'fillOpacity', 'gradientMode', 'stacking', 'showPoints', 'spanNulls', 'hideFrom',
  'pointSize', 'scaleDistribution', 'axisPlacement', 'axisLabel', 'axisSoftMin', 'axisSoftMax', 'axisWidth', 'thresholdsStyle',
  'align', 'width', 'minWidth', 'cellOptions', 'inspect',
];
const registry: any = new Registry(() => [
  ...STANDARD.map((id) => property(id)),
  property('thresholds', thresholdsOverrideProcessor),
  property('mappings', valueMappingsOverrideProcessor),
  ...CUSTOM.map((id) => property(`custom.${id}`)),
] as any[]);

// what Grafana's panels take for granted
const GREEN_RED = { mode: 'absolute', steps: [{ color: 'green', value: null }, { color: 'red', value: 80 }] };
const COLORS: Record<string, string> = { timeseries: 'palette-classic' };

const withDefaults = (panel: Panel): FieldConfigSource => ({
  ...panel.fieldConfig,
  defaults: {
    color: { mode: COLORS[panel.type] ?? 'thresholds' }, thresholds: GREEN_RED as any, ...panel.fieldConfig.defaults,
  } as FieldConfigSource['defaults'],
});

/** Transformations and field configuration, applied. */
export const prepare = async (panel: Panel, frames: DataFrame[], theme: GrafanaTheme2): Promise<DataFrame[]> => {
  const context = { interpolate: (text: string) => text };
  const data = panel.transformations
    ? await lastValueFrom(transformDataFrame(panel.transformations, frames, context as any)) : frames;
  const applied = applyFieldOverrides({
    data, fieldConfig: withDefaults(panel), fieldConfigRegistry: registry, theme, timeZone: 'utc',
    replaceVariables: (text: string) => text,
  }, data);
  cacheFieldDisplayNames(applied);
  return applied;
};

export const isEmpty = (frames: DataFrame[]) =>
  !frames.some((frame) => frame.fields.some((field) =>
    field.type === FieldType.number && field.values.some(Number.isFinite)));

interface Props {
  panel: Panel;
  frames: DataFrame[];
  range: Range;
  width: number;
  height: number;
  theme: GrafanaTheme2;
}

const displays = ({ panel, frames, theme }: Props): FieldDisplay[] => getFieldDisplayValues({
  data: frames, theme, fieldConfig: withDefaults(panel), timeZone: 'utc', replaceVariables: (text: string) => text,
  reduceOptions: panel.options.reduceOptions, sparkline: panel.options.graphMode === 'area',
});

const Stat = (props: Props) => (
  <VizRepeater
    getValues={() => displays(props)} width={props.width} height={props.height} source={props.frames} renderCounter={0}
    orientation={props.panel.options.orientation ?? VizOrientation.Auto} getAlignmentFactors={getDisplayValueAlignmentFactors}
    renderValue={({ value, width, height, alignmentFactors, count }) => (
      <BigValue
        value={value.display} sparkline={value.sparkline} width={width} height={height} theme={props.theme} count={count}
        alignmentFactors={alignmentFactors} graphMode={props.panel.options.graphMode ?? BigValueGraphMode.Area}
        colorMode={props.panel.options.colorMode ?? BigValueColorMode.Value} textMode={props.panel.options.textMode ?? BigValueTextMode.Auto}
      />
    )}
  />
);

const Bars = (props: Props) => (
  <VizRepeater
    getValues={() => displays(props)} width={props.width} height={props.height} source={props.frames} renderCounter={0}
    orientation={VizOrientation.Horizontal} getAlignmentFactors={getDisplayValueAlignmentFactors} itemSpacing={8}
    minVizHeight={props.panel.options.minVizHeight} maxVizHeight={props.panel.options.maxVizHeight}
    renderValue={({ value, width, height, alignmentFactors }) => (
      <BarGauge
        value={value.display} field={value.field} display={value.view?.getFieldDisplayProcessor(value.colIndex!)} theme={props.theme}
        width={width} height={height} orientation={VizOrientation.Horizontal} alignmentFactors={alignmentFactors}
        displayMode={props.panel.options.displayMode} valueDisplayMode={props.panel.options.valueMode} text={props.panel.options.text} namePlacement={props.panel.options.namePlacement} showUnfilled
      />
    )}
  />
);

// as Grafana's panel does: what is no number is a gap
const graphable = (frames: DataFrame[]) => frames.map((frame) => ({
  ...frame,
  fields: frame.fields.map((field) => field.type !== FieldType.number ? field
    : { ...field, values: field.values.map((value) => (Number.isFinite(value) ? value : null)) }),
}));

const Lines = ({ panel, frames, range, width, height }: Props) => (
  <TimeSeries
    frames={graphable(frames)} timeRange={timeRange(range)} timeZone="utc" width={width} height={height}
    legend={panel.options.legend} options={panel.options}
  />
);

const Table = ({ panel, frames, range, width, height }: Props) => (
  <TableNG
    data={frames[0]} width={width} height={height} timeRange={timeRange(range)} sortBy={panel.options.sortBy}
    cellHeight={panel.options.cellHeight} fieldConfig={withDefaults(panel)} enableVirtualization={false}
  />
);

export const KINDS: Record<string, (props: Props) => React.JSX.Element> = { stat: Stat, bargauge: Bars, timeseries: Lines, table: Table };
