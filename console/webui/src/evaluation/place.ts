import type { Place } from "../api/types";

/** How many times as wide and as high as a place what is shown of its image is. */
const CONTEXT = 3;

/** The place with what is around it, as far as the image goes. */
export function around({ left, top, width, height }: Place): Place {
  const [x, shownWidth] = widened(left, width);
  const [y, shownHeight] = widened(top, height);
  return { left: x, top: y, width: shownWidth, height: shownHeight };
}

/** Start and length of a span that is longer around the same middle, and moved so that it stays within 0 to 1. */
function widened(start: number, length: number): [number, number] {
  const longer = Math.min(1, CONTEXT * length);
  return [Math.min(Math.max(0, start + length / 2 - longer / 2), 1 - longer), longer];
}

/** Of an image, so that a part of it fills its box. */
export const cropStyle = ({ left, top, width, height }: Place) => ({
  insetInlineStart: percent(-left / width),
  insetBlockStart: percent(-top / height),
  inlineSize: percent(1 / width),
  blockSize: percent(1 / height),
});

/** Of a frame around a place, in a box that shows a part of the image. */
export const markStyle = (place: Place, shown: Place) => ({
  insetInlineStart: percent((place.left - shown.left) / shown.width),
  insetBlockStart: percent((place.top - shown.top) / shown.height),
  inlineSize: percent(place.width / shown.width),
  blockSize: percent(place.height / shown.height),
});

const percent = (share: number) => `${100 * share}%`;
