import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useTheme } from "../app/theme";

const HEIGHT = 240;
const MOST_MARKED = 40;
const LABEL_FONT = "12px sans-serif";
const UNIT: [number, number] = [0, 1];

export interface PlotData {
  x: number[];
  y: (number | null)[];
  /** A line to compare with, drawn with dashes. */
  reference?: (number | null)[];
}

interface Props {
  /** What it shows, for those who do not see it. */
  label: string;
  data: PlotData;
  /** Names of the axes, of a plot whose axes go from 0 to 1. */
  shares?: { x: string; y: string };
  /** Names of the axes, of a plot of points without a line; whether the first axis is logarithmic. */
  scatter?: { x: string; y: string; log: boolean };
}

/** A line, or points. It follows the width of its place and the theme. */
export function Plot({ label, data, shares, scatter }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [dark] = useTheme();
  const [across, up] = [(shares ?? scatter)?.x, (shares ?? scatter)?.y];
  const [unit, points, log] = [shares !== undefined, scatter !== undefined, scatter?.log ?? false];
  useEffect(() => {
    const element = box.current!; // also when a last change of its size is told after it has gone
    const style = getComputedStyle(document.documentElement);
    const colour = (token: string) => style.getPropertyValue(`--pf-t--global--${token}`).trim();
    const subtle = colour("text--color--subtle");
    const axis = { stroke: subtle, grid: { stroke: colour("border--color--subtle"), width: 1 } };
    const range = unit ? UNIT : undefined;
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        scales: { x: { time: false, range, distr: log ? 3 : 1 }, y: { range } },
        legend: { show: false },
        cursor: { show: false },
        axes: [
          { ...axis, label: across, labelSize: 20, labelFont: LABEL_FONT },
          { ...axis, label: up, labelSize: 20, labelFont: LABEL_FONT },
        ],
        series: [
          {},
          {
            stroke: colour("color--brand--default"),
            width: points ? 0 : 2,
            points: points ? { show: true, size: 8, fill: colour("color--brand--default") } : { show: data.x.length < MOST_MARKED },
          },
          ...(data.reference ? [{ stroke: subtle, width: 1, dash: [4, 4], points: { show: false } }] : []),
        ],
      },
      data.reference ? [data.x, data.y, data.reference] : [data.x, data.y],
      element,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [data, across, up, unit, points, log, dark]);
  return <div ref={box} role="img" aria-label={label} style={{ minBlockSize: HEIGHT }} />;
}
