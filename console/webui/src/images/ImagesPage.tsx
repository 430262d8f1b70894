import { Button, EmptyState, EmptyStateBody, Panel, PanelMain, PanelMainBody } from "@patternfly/react-core";
import { SearchIcon } from "@patternfly/react-icons";
import { useEffect, useMemo, useState } from "react";
import { useNavigation, useSearchParams } from "react-router";
import { ANOMALY_LABELS } from "../projects/task";
import { useProject } from "../projects/ProjectScope";
import type { ProjectDetails } from "../api/types";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { count } from "../ui/format";
import { withParameters } from "../ui/search";
import { ImageGrid, LoadingGrid } from "./ImageGrid";
import { ImageToolbar } from "./ImageToolbar";
import { ImageViewer } from "./ImageViewer";
import { ImportList } from "./ImportList";
import { InterruptedUploads } from "./InterruptedUploads";
import { SelectionBar } from "./SelectionBar";
import { UploadPanel } from "./UploadPanel";
import { isFiltered, searchOf } from "./filter";
import { useImages } from "./useImages";
import "./images.css";

export function ImagesPage() {
  const project = useProject();
  const [search, setSearch] = useSearchParams();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const wanted = useMemo(() => searchOf(search), [search]);
  const { images, begin } = useImages(project.name, wanted);
  const labels = labelsOf(project);
  const empty = project.images === 0;
  const uploading = empty || search.has("upload");

  const setParameter = (name: string, value: string | null, replace = false) =>
    setSearch(
      withParameters({ [name]: value ?? undefined }),
      // At once: a key that follows an arrow is for the image that the arrow shows.
      { replace, flushSync: true },
    );
  // The place to upload stays open when the first images have arrived.
  // It must not take the place of a page that is on its way.
  const idle = useNavigation().state === "idle";
  useEffect(() => {
    if (empty && idle && !search.has("upload")) {
      setSearch(withParameters({ upload: "" }), { replace: true });
    }
  }, [empty, idle, search, setSearch]);
  return (
    <Screen
      title="Images"
      of={project.name}
      badge={!empty && <span className="quiet number">{count(project.images, "image")}</span>}
      lead={empty ? "Upload the images that the model learns from and is measured on." : undefined}
      actions={
        !empty && (
          <Button variant={uploading ? "secondary" : "primary"} onClick={() => setParameter("upload", uploading ? null : "")}>
            {uploading ? "Close upload" : "Upload images"}
          </Button>
        )
      }
    >
      <div className="stack">
        <InterruptedUploads project={project.name} />
        {uploading && (
          <Panel variant="bordered">
            <PanelMain>
              <PanelMainBody>
                <UploadPanel project={project} />
              </PanelMainBody>
            </PanelMain>
          </Panel>
        )}
        {uploading && <ImportList project={project.name} />}
        {!empty && (
          <>
            <ImageToolbar project={project.name} labels={labels} filter={wanted.filter} onChange={setParameter} />
            {selected.size > 0 && (
              <SelectionBar project={project} labels={labels} selected={selected} onDone={() => setSelected(new Set())} />
            )}
            {begin.isPending && <LoadingGrid />}
            {begin.isError && (
              <Failure title="The images could not be loaded" error={begin.error} retry={() => begin.refetch()} />
            )}
            {begin.isSuccess && images.total === 0 && (
              <EmptyState titleText="No image fits" headingLevel="h2" icon={SearchIcon}>
                <EmptyStateBody>
                  {isFiltered(wanted.filter) ? "Remove a filter to see more." : "The images were deleted in the meantime."}
                </EmptyStateBody>
              </EmptyState>
            )}
            {images.total > 0 && (
              <ImageGrid
                project={project.name}
                images={images}
                selected={selected}
                onSelect={setSelected}
                onOpen={(image) => setParameter("image", image.sha256)}
              />
            )}
          </>
        )}
      </div>
      {search.get("image") && (
        <ImageViewer
          project={project}
          labels={labels}
          images={images}
          sha256={search.get("image")!}
          onShow={(sha256) => setParameter("image", sha256, true)}
          onClose={() => setParameter("image", null, true)}
        />
      )}
    </Screen>
  );
}

function labelsOf(project: ProjectDetails): string[] {
  if (project.task === "ANOMALY_DETECTION") {
    return ANOMALY_LABELS;
  }
  return [...new Set(Object.values(project.counts ?? {}).flatMap(Object.keys))].filter(Boolean).sort();
}
