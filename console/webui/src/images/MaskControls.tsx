import { Slider, Switch } from "@patternfly/react-core";

interface Props {
  /** From 0 to 100; without one, the mask is not shown. */
  opacity: number | undefined;
  onChange: (opacity: number | undefined) => void;
}

const FIRST = 50;

/** Shows the mask of an image, as dense as chosen. */
export function MaskControls({ opacity, onChange }: Props) {
  return (
    <div className="mask-controls">
      <Switch
        id="mask"
        label="Mask of the defect"
        isChecked={opacity !== undefined}
        onChange={(_, on) => onChange(on ? FIRST : undefined)}
      />
      {opacity !== undefined && (
        <Slider
          thumbAriaLabel="Opacity of the mask"
          value={opacity}
          min={0}
          max={100}
          step={10}
          showBoundaries={false}
          onChange={(_, value) => onChange(value)}
        />
      )}
    </div>
  );
}

/** The opacity that the address names. */
export function maskOpacity(text: string | null): number | undefined {
  const value = Number(text);
  return text && value >= 0 && value <= 100 ? value : undefined;
}
