import { Checkbox } from "@patternfly/react-core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ProjectDetails } from "../api/types";
import { TextField } from "../ui/TextField";
import { DropZone } from "./DropZone";
import { byFolder, isZip } from "./dropped";
import { UploadList } from "./UploadList";
import { upload, type UploadFile } from "./uploads";

/** Places to drop images: one for each label of an anomaly detection project, folders of classes for a classifier. */
export function UploadPanel({ project }: { project: ProjectDetails }) {
  const queries = useQueryClient();
  const [products, setProducts] = useState(false);
  const start = async (groups: Map<string, UploadFile[]>) => {
    await Promise.all([...groups].map(([label, files]) => upload(project.name, label || undefined, files)));
    await queries.invalidateQueries({ queryKey: ["projects", project.name] });
  };
  const startImports = async (archives: UploadFile[]) => {
    await upload(project.name, undefined, archives, true, products);
    await queries.invalidateQueries({ queryKey: ["imports", project.name] });
  };
  const take = (files: UploadFile[], groups: (images: UploadFile[]) => Map<string, UploadFile[]>) => {
    const archives = files.filter(isZip);
    const images = files.filter((file) => !isZip(file));
    if (archives.length > 0) {
      void startImports(archives);
    }
    if (images.length > 0) {
      void start(groups(images));
    }
  };
  return (
    <>
      {project.task === "ANOMALY_DETECTION" ? (
        <>
          <div className="drop-zones">
            <DropZone
              title="Normal images"
              help="Good items. The model learns from these alone."
              onFiles={(files) => take(files, (images) => new Map([["normal", images]]))}
            />
            <DropZone
              title="Abnormal images"
              help="Items with a defect. A few are enough: they set the threshold and measure the model."
              onFiles={(files) => take(files, (images) => new Map([["abnormal", images]]))}
            />
          </div>
          <Checkbox
            id="products-of-folders"
            label="Folders in a zip, within those of labels, are products"
            description="For a project of several products: good/PRODUCT/1.png. Otherwise such folders have no meaning."
            isChecked={products}
            onChange={(_event, checked) => setProducts(checked)}
          />
        </>
      ) : (
        <ClassZones onFiles={take} />
      )}
      <UploadList project={project.name} />
    </>
  );
}

function ClassZones({ onFiles }: { onFiles: (files: UploadFile[], groups: (images: UploadFile[]) => Map<string, UploadFile[]>) => void }) {
  const [label, setLabel] = useState("");
  return (
    <div className="drop-zones">
      <DropZone
        title="Folders of classes"
        help="One folder for each class; its name becomes the label. Or a zip of such folders."
        folders
        onFiles={(files) => onFiles(files, byFolder)}
      />
      <div className="drop-zone-with-field">
        <TextField label="Label of the next files" value={label} onChange={setLabel} help="Leave it empty to label them later." />
        <DropZone
          title={label ? `Images of ${label}` : "Images without a label"}
          help="JPEG, PNG, WebP, BMP or TIFF."
          onFiles={(files) => onFiles(files, (images) => new Map([[label.trim(), images]]))}
        />
      </div>
    </div>
  );
}
