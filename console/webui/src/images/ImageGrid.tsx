import { Checkbox, Skeleton } from "@patternfly/react-core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type MouseEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Image } from "../api/types";
import type { Images } from "./useImages";
import { thumbnail } from "./urls";

const TILE = 168;
const GAP = 12;
const CAPTION = 48;

interface Props {
  project: string;
  images: Images;
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  onOpen: (image: Image) => void;
}

/** Rows of images; only those in view are in the page. */
export function ImageGrid({ project, images, selected, onSelect, onOpen }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const anchor = useRef(0);
  const { columns, size, top } = useLayout(box);
  const rows = useVirtualizer({
    count: Math.ceil(images.total / columns),
    getScrollElement: () => scrollParent(box.current),
    estimateSize: () => size + CAPTION + GAP,
    scrollMargin: top,
    overscan: 4,
  });
  useEffect(() => rows.measure(), [rows, size, columns]);
  const shown = rows.getVirtualItems();
  const first = (shown.at(0)?.index ?? 0) * columns;
  const last = Math.min(((shown.at(-1)?.index ?? 0) + 1) * columns, images.total) - 1;
  const { show } = images;
  useEffect(() => show(first, last), [show, first, last]);

  const toggle = (index: number, event: MouseEvent | { shiftKey?: boolean }) => {
    const from = event.shiftKey ? Math.min(anchor.current, index) : index;
    const to = event.shiftKey ? Math.max(anchor.current, index) : index;
    const next = new Set(selected);
    const add = !selected.has(images.at(index)!.sha256);
    for (let i = from; i <= to; i++) {
      const sha256 = images.at(i)?.sha256;
      if (sha256 && add) {
        next.add(sha256);
      } else if (sha256) {
        next.delete(sha256);
      }
    }
    anchor.current = index;
    onSelect(next);
  };
  return (
    <div ref={box} role="list" aria-label="Images" style={{ blockSize: rows.getTotalSize(), position: "relative" }}>
      {shown.map((row) => (
        <div
          key={row.key}
          role="presentation"
          className="image-row"
          style={{ transform: `translateY(${row.start - top}px)`, gridTemplateColumns: `repeat(${columns}, ${size}px)` }}
        >
          {places(row.index * columns, columns, images.total).map((index) => {
            const image = images.at(index);
            return image ? (
              <Tile
                key={index}
                project={project}
                image={image}
                size={size}
                selected={selected.has(image.sha256)}
                onToggle={(event) => toggle(index, event)}
                onOpen={() => onOpen(image)}
              />
            ) : (
              <div key={index} role="listitem" className="tile">
                <Skeleton height={`${size}px`} screenreaderText="Loading an image" />
              </div>
            );
          })}
        </div>
      ))}
    </div>
  );
}

interface TileProps {
  project: string;
  image: Image;
  size: number;
  selected: boolean;
  onToggle: (event: MouseEvent | { shiftKey?: boolean }) => void;
  onOpen: () => void;
}

function Tile({ project, image, size, selected, onToggle, onOpen }: TileProps) {
  const shift = useRef(false);
  return (
    <div role="listitem" className={selected ? "tile tile-selected" : "tile"}>
      <button type="button" className="tile-image" style={{ blockSize: size }} onClick={onOpen} aria-label={`Open ${image.name}`}>
        <img src={thumbnail(project, image.sha256)} alt="" loading="lazy" decoding="async" />
      </button>
      <span className="tile-check" onClickCapture={(event) => (shift.current = event.shiftKey)}>
        <Checkbox
          id={`select-${image.sha256}`}
          aria-label={`Select ${image.name}`}
          isChecked={selected}
          onChange={() => onToggle({ shiftKey: shift.current })}
        />
      </span>
      <div className="tile-caption">
        <span className="tile-name" title={image.name}>
          {image.name}
        </span>
        <span className="quiet tile-name">
          {[image.label ?? "no label", image.defect, image.split, image.product].filter(Boolean).join(" · ")}
        </span>
      </div>
    </div>
  );
}

const places = (first: number, columns: number, total: number) =>
  Array.from({ length: Math.max(0, Math.min(columns, total - first)) }, (_, column) => first + column);

export function LoadingGrid() {
  return (
    <div className="image-row image-row-loading">
      {Array.from({ length: 12 }, (_, tile) => (
        <Skeleton key={tile} shape="square" screenreaderText={tile === 0 ? "Loading images" : undefined} />
      ))}
    </div>
  );
}

/** How many tiles fit beside each other, how large they are, and where the grid begins in what scrolls. */
function useLayout(box: React.RefObject<HTMLDivElement | null>) {
  const [layout, setLayout] = useState({ columns: 6, size: TILE, top: 0 });
  useLayoutEffect(() => {
    const element = box.current!;
    const measure = () => {
      const width = element.clientWidth;
      const columns = Math.max(1, Math.floor((width + GAP) / (TILE + GAP)));
      const size = Math.floor((width - GAP * (columns - 1)) / columns);
      const scroller = scrollParent(element);
      const top = scroller
        ? element.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop
        : 0;
      setLayout((before) =>
        before.columns === columns && before.size === size && before.top === top ? before : { columns, size, top },
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    // What stands above the grid moves it.
    observer.observe(element.parentElement!);
    return () => observer.disconnect();
  }, [box]);
  return layout;
}

function scrollParent(element: HTMLElement | null): HTMLElement | null {
  for (let parent = element?.parentElement; parent; parent = parent.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(parent).overflowY)) {
      return parent;
    }
  }
  return document.documentElement;
}
