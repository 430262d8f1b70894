import { ClipboardCopy, DescriptionList } from "@patternfly/react-core";
import type { Image } from "../api/types";
import { Fact } from "../runs/RunFacts";
import { bytes, Moment } from "../ui/format";

export function ImageFacts({ image }: { image: Image }) {
  return (
    <DescriptionList isHorizontal isCompact isFluid termWidth="6rem">
      <Fact term="Split">{image.split ?? "chosen when a version is frozen"}</Fact>
      {image.defect && <Fact term="Defect">{image.defect}</Fact>}
      {image.product && <Fact term="Product">{image.product}</Fact>}
      <Fact term="Size">
        {image.width} × {image.height} pixels, {image.format}, {bytes(image.size)}
      </Fact>
      <Fact term="Added">
        <Moment at={image.createdAt} />
      </Fact>
      <Fact term="sha256">
        <ClipboardCopy isReadOnly isCode variant="inline-compact" hoverTip="Copy" clickTip="Copied" truncation>
          {image.sha256}
        </ClipboardCopy>
      </Fact>
    </DescriptionList>
  );
}
